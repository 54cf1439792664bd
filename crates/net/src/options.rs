//! What can be set on a connection.

use std::sync::Arc;

/// Per-connection settings. The defaults are what helps everywhere; the others are on only where they help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketOptions {
    /// `TCP_NODELAY`: send small packets at once. On by default.
    pub nodelay: bool,
    /// Re-arm `TCP_QUICKACK` after each receive. Off by default: about 240 ns a call, and loopback gets slower by it.
    pub quickack: bool,
    /// `SO_BUSY_POLL` in microseconds: let the kernel poll the device queue. Needs a driver that can.
    pub busy_poll_us: Option<u32>,
    /// `SO_RCVBUF` in bytes; the kernel's own sizing when none.
    pub receive_buffer: Option<usize>,
    /// `SO_SNDBUF` in bytes; the kernel's own sizing when none.
    pub send_buffer: Option<usize>,
    /// Ask the kernel when it received each packet. On by default.
    pub kernel_timestamps: bool,
    /// Whom to believe on a TLS connection.
    pub tls_roots: TlsRoots,
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self {
            nodelay: true,
            quickack: false,
            busy_poll_us: None,
            receive_buffer: None,
            send_buffer: None,
            kernel_timestamps: true,
            tls_roots: TlsRoots::System,
        }
    }
}

/// The certificate authorities that a TLS peer's certificate must come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TlsRoots {
    /// Those of the operating system.
    #[default]
    System,
    /// Those in this PEM text, and no others.
    Pem(Arc<[u8]>),
}
