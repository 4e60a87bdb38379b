//! The behaviour of fulfilment orders, waves, shipments on their way, promises kept.
