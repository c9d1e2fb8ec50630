//! The fetcher against servers on loopback, which an injected policy permits: 127.0.0.1 plays the public internet,
//! 127.0.0.2 a private machine.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::resolver::Found;
use super::*;

const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PRIVATE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

fn lenient() -> Policy {
    Policy {
        may_connect: |address| address == PUBLIC,
        may_use_port: |_| true,
        total_time_max: Duration::from_secs(5),
        bytes_max: 1_000,
    }
}

fn fetcher() -> ImageFetcher {
    ImageFetcher::with(lenient(), Arc::new(SystemLookup)).unwrap()
}

/// A server that gives every connection the same answer, and how many it had.
async fn serve(on: IpAddr, answer: Vec<u8>) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((on, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut request = [0_u8; 2_048];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(&answer).await;
        }
    });
    (port, connections)
}

fn image(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn redirect(location: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .into_bytes()
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}/a.png")
}

#[tokio::test]
async fn a_picture_is_fetched_also_behind_three_redirects() {
    let (last, _) = serve(PUBLIC, image(b"pixels")).await;
    let (third, _) = serve(PUBLIC, redirect(&url(last))).await;
    let (second, _) = serve(PUBLIC, redirect(&url(third))).await;
    let (first, _) = serve(PUBLIC, redirect(&url(second))).await;
    assert_eq!(fetcher().fetch(&url(first)).await, Ok(b"pixels".to_vec()));
    let (fourth, _) = serve(PUBLIC, redirect(&url(first))).await;
    assert_eq!(fetcher().fetch(&url(fourth)).await, Err(FetchFault::TooManyRedirects));
}

#[tokio::test]
async fn a_redirect_to_a_private_machine_opens_no_connection() {
    let (private, connections) = serve(PRIVATE, image(b"secret")).await;
    let (start, _) = serve(PUBLIC, redirect(&format!("http://127.0.0.2:{private}/"))).await;
    assert_eq!(fetcher().fetch(&url(start)).await, Err(FetchFault::NotPublic));
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_without_a_location_or_to_another_scheme_is_refused() {
    let (nowhere, _) = serve(PUBLIC, b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n".to_vec()).await;
    assert_eq!(fetcher().fetch(&url(nowhere)).await, Err(FetchFault::InvalidRedirect));
    let (file, _) = serve(PUBLIC, redirect("file:///etc/passwd")).await;
    assert_eq!(fetcher().fetch(&url(file)).await, Err(FetchFault::Scheme));
}

#[tokio::test]
async fn an_announced_and_an_unannounced_oversize_are_both_refused() {
    let (announced, _) = serve(PUBLIC, image(&[0; 1_001])).await;
    assert_eq!(fetcher().fetch(&url(announced)).await, Err(FetchFault::TooLarge));
    let mut endless = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n\r\n".to_vec();
    endless.extend([0; 5_000]);
    let (unannounced, _) = serve(PUBLIC, endless).await;
    assert_eq!(fetcher().fetch(&url(unannounced)).await, Err(FetchFault::TooLarge));
    let (exact, _) = serve(PUBLIC, image(&[7; 1_000])).await;
    assert_eq!(fetcher().fetch(&url(exact)).await, Ok(vec![7; 1_000]));
}

#[tokio::test]
async fn a_server_that_never_finishes_is_left() {
    let (slow, _) = serve(PUBLIC, Vec::new()).await;
    let hold = TcpListener::bind((PUBLIC, 0)).await.unwrap();
    let silent = hold.local_addr().unwrap().port();
    let policy = Policy { total_time_max: Duration::from_millis(100), ..lenient() };
    let fetcher = ImageFetcher::with(policy, Arc::new(SystemLookup)).unwrap();
    assert_eq!(fetcher.fetch(&url(silent)).await, Err(FetchFault::TimedOut));
    assert_eq!(fetcher.fetch(&url(slow)).await, Err(FetchFault::Unreachable), "closed without an answer");
}

#[tokio::test]
async fn pages_errors_and_cut_answers_are_no_pictures() {
    let page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi".to_vec();
    let (page, _) = serve(PUBLIC, page).await;
    assert_eq!(fetcher().fetch(&url(page)).await, Err(FetchFault::NotAnImage));
    let missing = b"HTTP/1.1 404 Not Found\r\nContent-Type: image/png\r\nContent-Length: 0\r\n\r\n".to_vec();
    let (missing, _) = serve(PUBLIC, missing).await;
    assert_eq!(fetcher().fetch(&url(missing)).await, Err(FetchFault::Status(404)));
    let cut = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 9\r\n\r\nhalf".to_vec();
    let (cut, _) = serve(PUBLIC, cut).await;
    assert_eq!(fetcher().fetch(&url(cut)).await, Err(FetchFault::Unreachable));
}

/// Answers with the next list each time: what an attacker's name server does.
struct Rebinding(Mutex<Vec<Vec<IpAddr>>>);

impl Lookup for Rebinding {
    fn addresses(&self, _host: String) -> Found {
        let next = self.0.lock().unwrap().pop();
        Box::pin(async move { next.ok_or_else(|| io::Error::other("no such name")) })
    }
}

fn resolving(mut answers: Vec<Vec<IpAddr>>) -> ImageFetcher {
    answers.reverse();
    ImageFetcher::with(lenient(), Arc::new(Rebinding(Mutex::new(answers)))).unwrap()
}

#[tokio::test]
async fn a_name_that_turns_private_between_two_requests_is_refused_at_the_second() {
    let (private, connections) = serve(PRIVATE, image(b"secret")).await;
    let (public, _) = serve(PUBLIC, redirect(&format!("http://shop.test:{private}/"))).await;
    let fetcher = resolving(vec![vec![PUBLIC], vec![PRIVATE]]);
    let answer = fetcher.fetch(&format!("http://shop.test:{public}/")).await;
    assert_eq!(answer, Err(FetchFault::NotPublic));
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn only_the_permitted_addresses_of_a_name_are_connected_to() {
    let (port, connections) = serve(PUBLIC, image(b"pixels")).await;
    let fetcher = resolving(vec![vec![PRIVATE, PUBLIC], vec![PRIVATE], vec![]]);
    let address = format!("http://shop.test:{port}/");
    assert_eq!(fetcher.fetch(&address).await, Ok(b"pixels".to_vec()));
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    assert_eq!(fetcher.fetch(&address).await, Err(FetchFault::NotPublic));
    assert_eq!(fetcher.fetch(&address).await, Err(FetchFault::NotPublic));
    assert_eq!(fetcher.fetch(&address).await, Err(FetchFault::Unreachable));
}
