//! The TCP side of the fake: connections that can be reset, silenced and ended at will.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// The listener; it remembers its connections so that the fake can end them.
#[derive(Debug)]
pub(super) struct Door {
    listener: TcpListener,
    wires: Wires,
}

/// The connections of one fake that are still there.
#[derive(Debug, Clone, Default)]
pub(super) struct Wires(Arc<Mutex<Vec<Weak<Switch>>>>);

impl Wires {
    fn add(&self, switch: &Arc<Switch>) {
        let mut wires = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wires.retain(|wire| wire.strong_count() > 0);
        wires.push(Arc::downgrade(switch));
    }

    /// Ends every connection.
    pub(super) fn cut_all(&self) {
        for wire in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade) {
            wire.turn(CUT);
        }
    }
}

impl Door {
    pub(super) fn new(listener: TcpListener, wires: Wires) -> Self {
        Self { listener, wires }
    }
}

impl Listener for Door {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        // The trait has axum's own answer to accept errors for a `TcpListener`.
        let (stream, address) = Listener::accept(&mut self.listener).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small packets may be late");
        }
        let wire = Wire { stream, switch: Arc::default() };
        self.wires.add(&wire.switch);
        (wire, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// One TCP connection.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    switch: Arc<Switch>,
}

/// What has been done to a connection.
#[derive(Debug, Default)]
struct Switch {
    state: AtomicU8,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

const OPEN: u8 = 0;
const STALLED: u8 = 1;
const CUT: u8 = 2;
const RESET: u8 = 3;

impl Switch {
    fn turn(&self, state: u8) {
        self.state.store(state, Ordering::Release);
        self.reader.wake();
        self.writer.wake();
    }
}

/// A hand on one TCP connection.
#[derive(Debug, Clone)]
pub(super) struct WireHandle(Arc<Switch>);

impl WireHandle {
    /// Ends the connection with an RST, so that the client sees an error instead of an end.
    pub(super) fn reset(&self) {
        self.0.turn(RESET);
    }

    /// Ends the connection with a FIN.
    pub(super) fn cut(&self) {
        self.0.turn(CUT);
    }

    /// Stops reading and writing while TCP stays (DingTalk protocol, §2.10 F4).
    pub(super) fn stall(&self) {
        self.0.turn(STALLED);
    }

    /// Reads and writes again.
    pub(super) fn resume(&self) {
        self.0.turn(OPEN);
    }
}

impl Connected<IncomingStream<'_, Door>> for WireHandle {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(Arc::clone(&stream.io().switch))
    }
}

impl Wire {
    /// Whether input and output may pass.
    fn gate(&self, waker: &AtomicWaker, context: &Context<'_>) -> Poll<io::Result<()>> {
        // Registered before the look, so that a turn in between is not missed.
        waker.register(context.waker());
        match self.switch.state.load(Ordering::Acquire) {
            OPEN => Poll::Ready(Ok(())),
            STALLED => Poll::Pending,
            CUT => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            _ => {
                // With a linger time of zero the close below sends an RST.
                Poll::Ready(self.stream.set_zero_linger().and(Err(io::ErrorKind::ConnectionReset.into())))
            }
        }
    }
}

/// Returns early unless the gate is open.
macro_rules! pass {
    ($wire:expr, $waker:ident, $context:expr) => {
        match $wire.gate(&$wire.switch.$waker, $context) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => return Poll::Pending,
        }
    };
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        pass!(self, reader, context);
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        pass!(self, writer, context);
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        pass!(self, writer, context);
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        pass!(self, writer, context);
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
