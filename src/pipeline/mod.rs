//! The one door: commands become durable events, events move every projection.
