//! The behaviour of orders after they were placed: edits, canceled lines, holds, returns, exchanges, claims.
