//! Recorded calls that agree with the old description and break the new one.
