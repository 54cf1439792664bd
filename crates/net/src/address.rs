//! From a host to addresses, within a deadline. Cold path.

use crate::connect::ConnectError;
use crate::endpoint::{Endpoint, as_address};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// All addresses of the endpoint's host.
pub(crate) fn resolve(endpoint: &Endpoint, deadline: Instant) -> Result<Vec<SocketAddr>, ConnectError> {
    if let Some(address) = as_address(endpoint.host()) {
        return Ok(vec![SocketAddr::new(address, endpoint.port())]);
    }
    let addresses = look_up(endpoint.host(), endpoint.port(), deadline)?;
    if addresses.is_empty() {
        return Err(ConnectError::NoAddress { host: endpoint.host().to_owned() });
    }
    Ok(addresses)
}

/// Asks the name service on a thread of its own, because the system's call cannot be given a deadline. After the
/// deadline that thread ends by itself once the resolver's own time is over.
fn look_up(host: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, ConnectError> {
    let unresolved = |source| ConnectError::Resolve { host: host.to_owned(), source };
    let (answer, answers) = mpsc::sync_channel(1);
    let question = (host.to_owned(), port);
    std::thread::Builder::new()
        .name("tercel-resolve".to_owned())
        .spawn(move || {
            let found = question.to_socket_addrs().map(Iterator::collect::<Vec<_>>);
            // After the deadline nobody waits for the answer any more.
            answer.send(found).ok();
        })
        .map_err(unresolved)?;
    match answers.recv_timeout(remaining(deadline)) {
        Ok(found) => found.map_err(unresolved),
        Err(_) => Err(ConnectError::TimedOut { step: "resolving the host name" }),
    }
}

/// How long until the deadline; zero once it has passed.
pub(crate) fn remaining(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}
