//! Checkout sessions and orders: the saga over stock, payment and fulfilment.
