//! Stock: buckets per SKU and location, reservations with a time to live, what is available to sell.
