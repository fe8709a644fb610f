//! What is read of files, whatever they are packed in and however they are cut.
