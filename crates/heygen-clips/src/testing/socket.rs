//! A server on a socket of this machine.
//!
//! Just enough of HTTP/1.1 to be asked by this crate's clients. Written by hand because a server
//! library rightly refuses what is wanted here: to lie about a length, and to reset a connection.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::answer::{Act, Manner, Reply};
use super::server::{Call, Server};
use crate::transport::Fault;

/// A [`Server`] on a socket. Dropped, it ends, with all its connections.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Listening {
    /// What a client needs, such as `http://127.0.0.1:49152`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) async fn listen(server: Server) -> io::Result<Listening> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let base = format!("http://{address}");
    let task = tokio::spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            connections.spawn(serve(stream, base.clone(), server.clone()));
            while connections.try_join_next().is_some() {}
        }
    });
    Ok(Listening { address, task })
}

/// Answers what comes over one connection, until either side ends it.
async fn serve(stream: TcpStream, base: String, server: Server) -> io::Result<()> {
    let mut stream = BufStream::new(stream);
    while let Some(call) = read(&mut stream, &base).await? {
        let answer = server.answer(&call);
        tokio::time::sleep(answer.after).await;
        match answer.act {
            Act::Reply { reply, manner } => write(&mut stream, reply, manner).await?,
            Act::Fail { fault, .. } if fault != Fault::TimedOut => {
                return reset(&stream);
            }
            Act::Fail { .. } | Act::Silence => std::future::pending().await,
        }
    }
    Ok(())
}

/// A request, or nothing at the end of the connection.
async fn read(stream: &mut BufStream<TcpStream>, base: &str) -> io::Result<Option<Call>> {
    let first = line(stream).await?;
    let mut words = first.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let method = Method::try_from(method).map_err(io::Error::other)?;
    let mut headers = HeaderMap::new();
    loop {
        let line = line(stream).await?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        let name = HeaderName::try_from(name).map_err(io::Error::other)?;
        let value = HeaderValue::try_from(value.trim()).map_err(io::Error::other)?;
        headers.append(name, value);
    }
    let mut body = Vec::new();
    if headers.contains_key(TRANSFER_ENCODING) {
        loop {
            let size = line(stream).await?;
            let size = usize::from_str_radix(&size, 16).map_err(io::Error::other)?;
            let start = body.len();
            body.resize(start + size, 0);
            stream.read_exact(&mut body[start..]).await?;
            line(stream).await?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = headers.get(CONTENT_LENGTH) {
        let length = length.to_str().unwrap_or_default().parse();
        body.resize(length.map_err(io::Error::other)?, 0);
        stream.read_exact(&mut body).await?;
    }
    Ok(Some(Call {
        operation: String::new(),
        method,
        url: format!("{base}{target}"),
        headers,
        body: Bytes::from(body),
    }))
}

/// A line without its end; empty at the end of the connection.
async fn line(stream: &mut BufStream<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(line)
}

async fn write(stream: &mut BufStream<TcpStream>, reply: Reply, manner: Manner) -> io::Result<()> {
    let (head, mut body) = reply.into_parts();
    let mut text = format!("HTTP/1.1 {}\r\n", head.status.as_str());
    let told = head.headers.get(CONTENT_LENGTH);
    let is_lie = told.is_some_and(|told| told != body.len().to_string().as_str());
    if told.is_none() {
        text.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    stream.write_all(text.as_bytes()).await?;
    for (name, value) in &head.headers {
        stream.write_all(name.as_str().as_bytes()).await?;
        stream.write_all(b": ").await?;
        stream.write_all(value.as_bytes()).await?;
        stream.write_all(b"\r\n").await?;
    }
    stream.write_all(b"\r\n").await?;
    match manner {
        Manner::Whole => stream.write_all(&body).await?,
        Manner::Cut(bytes) => stream.write_all(&body[..bytes.min(body.len())]).await?,
        Manner::Slowly(piece, pause) => {
            while !body.is_empty() {
                stream.flush().await?;
                tokio::time::sleep(pause).await;
                let next = body.split_to(piece.min(body.len()));
                stream.write_all(&next).await?;
            }
        }
    }
    stream.flush().await?;
    if is_lie || matches!(manner, Manner::Cut(_)) {
        stream.shutdown().await?;
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    Ok(())
}

/// Ends the connection as a machine does that knows nothing of it.
fn reset(stream: &BufStream<TcpStream>) -> io::Result<()> {
    stream.get_ref().set_zero_linger()
}
