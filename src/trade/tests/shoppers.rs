//! The behaviour of what the shop keeps about people, and how it forgets them.
