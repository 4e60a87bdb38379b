//! One row of live numbers for each product, updated in place and read by every search.
