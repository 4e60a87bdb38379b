//! The behaviour of carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.
