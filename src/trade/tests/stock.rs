//! The behaviour of stock beyond units on hand: purchases on their way, transfers, counts, quotas, bundles.
