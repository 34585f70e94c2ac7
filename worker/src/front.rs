//! Function HTTP: accepts connections, finds the app and the route, runs the function, answers.

mod address;
mod answer;
mod body;
mod call;
mod serve;
mod upload;

pub(crate) use serve::Front;
