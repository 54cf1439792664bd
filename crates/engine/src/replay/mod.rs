//! Capture replay.
