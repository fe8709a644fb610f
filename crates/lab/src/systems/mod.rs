//! The systems of the lab, each a file or folder: what it answers, what it logs, what it keeps.
