//! The line: connections, and what becomes of a request between arrival and answer.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State as Extract};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::call::{Call, Reply};
use super::{Shared, lock};

/// What a request comes to.
pub(super) enum Outcome {
    Answer(Reply),
    Hang,
    Drop,
}

#[derive(Clone)]
struct Portal {
    state: Shared,
    until: watch::Receiver<()>,
}

/// Answers requests until the simulator is gone.
pub(super) async fn serve(listener: TcpListener, state: Shared, mut until: watch::Receiver<()>) {
    let context = Portal { state, until: until.clone() };
    let service = Router::new().fallback(handle).with_state(context).into_make_service_with_connect_info::<Cut>();
    let stopped = async move {
        let _ = until.changed().await;
    };
    // Serving on a listener that is open can't fail.
    let _ = axum::serve(Lines(listener), service).with_graceful_shutdown(stopped).await;
}

async fn handle(Extract(context): Extract<Portal>, ConnectInfo(cut): ConnectInfo<Cut>, request: Request) -> Response {
    let open = Open::new(&context.state);
    let Some(call) = Call::read(request).await else { return Reply::bare(400).into_response() };
    let (outcome, latency) = {
        let mut state = lock(&context.state);
        (state.receive(&call), state.world.latency)
    };
    match outcome {
        Outcome::Answer(reply) => {
            tokio::time::sleep(latency).await;
            reply.into_response()
        }
        Outcome::Hang => {
            // Nobody can wait for this one, so the next request doesn't overlap with it.
            drop(open);
            let mut until = context.until;
            let _ = until.changed().await;
            Reply::bare(503).into_response()
        }
        Outcome::Drop => {
            cut.0.store(true, Ordering::Relaxed);
            Reply::bare(500).into_response()
        }
    }
}

/// A request that waits for its answer.
struct Open<'a>(&'a Shared);

impl<'a> Open<'a> {
    fn new(state: &'a Shared) -> Self {
        let log = &mut lock(state).log;
        if log.open > 0 {
            log.overlaps += 1;
        }
        log.open += 1;
        Self(state)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        lock(self.0).log.open -= 1;
    }
}

/// Set to break a connection before the next byte of an answer.
#[derive(Clone, Default)]
struct Cut(Arc<AtomicBool>);

impl Connected<IncomingStream<'_, Lines>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().cut.clone()
    }
}

struct Lines(TcpListener);

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Line { stream, cut: Cut::default() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection that can be cut.
struct Line {
    stream: TcpStream,
    cut: Cut,
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.cut.0.load(Ordering::Relaxed) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
