//! Offline jobs: train, evaluate, forecast.
