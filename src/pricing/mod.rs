//! From lines to totals, in whole minor units.
