//! The behaviour of payments after they were authorised: captures, refunds, disputes, what providers report.
