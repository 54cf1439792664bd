//! One module a program.

pub mod steps;
pub mod sustained_load;
pub mod sustained_native;
pub mod wire_echo;
pub mod wire_load;
pub mod wire_native;
