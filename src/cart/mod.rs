//! Carts: lines, merge policies, saved lists.
