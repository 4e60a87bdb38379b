//! Every limit of the HTTP edge that no operator has to move, named once, with the relations between them. Those that one may want to move
//! stand in `config::Http`.

use crate::pipeline::{ACTIVITY_BATCH_MAX, CATALOG_BATCH_MAX};
use std::time::Duration;

/// What a payment provider tells at once, and how many of such bodies are read at a time: together 64 MiB.
pub(super) const NOTICE_BYTES_MAX: usize = 256 << 10;
pub(super) const NOTICES_MAX: usize = 256;
/// Requests that one HTTP/2 connection may have open at once.
pub(super) const STREAMS_MAX: u32 = 128;
/// Requests of an HTTP/2 connection that were taken back before they were looked at; beyond it the connection is ended.
pub(super) const RESETS_PENDING_MAX: usize = 20;
/// Requests of an HTTP/2 connection that broke the protocol; beyond it the connection is ended.
pub(super) const RESETS_LOCAL_MAX: usize = 64;
/// Bytes of one answer that wait for an HTTP/2 peer to take them.
pub(super) const SEND_BUFFER_BYTES_MAX: usize = 64 << 10;
/// An HTTP/2 peer that is gone without a word is noticed by asking so often.
pub(super) const PING_INTERVAL: Duration = Duration::from_secs(20);
/// Bytes of one JSON body.
pub(super) const JSON_BYTES_MAX: usize = 1 << 20;
/// Bytes of one body of many lines (NDJSON); it is read in pieces and never held whole.
pub(super) const BULK_BYTES_MAX: usize = 64 << 20;
/// Bytes of one line of such a body.
pub(super) const LINE_BYTES_MAX: usize = JSON_BYTES_MAX;
/// Lines handed on together.
pub(super) const BULK_BATCH_LINES: usize = 512;
/// Rejected lines that are named one by one in an answer; all are counted.
pub(super) const REJECTS_LISTED_MAX: usize = 1_000;
/// Bytes of a query string: a full cursor (7 KiB) beside a long filter.
pub(super) const QUERY_STRING_BYTES_MAX: usize = 16 << 10;
/// Bytes of all request headers together that get a problem document of ours.
pub(super) const HEADER_BYTES_MAX: usize = 16 << 10;
/// Bytes of a request head that are read at all. A client that still sends when it is refused may never see why, so twice the longest
/// address (64 KiB) is read before that.
pub(super) const HEAD_BYTES_MAX: usize = 128 << 10;
/// Number of request headers.
pub(super) const HEADERS_MAX: usize = 100;
/// Bytes of a request's body that nobody read which are read behind its answer, so that the connection can be used again, and how long.
pub(super) const UNREAD_BYTES_MAX: u64 = 256 << 10;
pub(super) const UNREAD_TIMEOUT: Duration = Duration::from_secs(1);
/// Lines of one cart or checkout session.
pub(super) const CART_LINES_MAX: usize = 500;
/// Units on one line of a cart or checkout session.
pub(super) const LINE_QUANTITY_MAX: i64 = 100_000;
/// Orders on one page of `/v1/orders`.
pub(super) const ORDERS_PAGE_MAX: usize = 200;
/// Searches in one request; all of them share the deadline of one.
pub(super) const SEARCHES_MAX: usize = 16;
/// Bytes of the caller's own name for one of them.
pub(super) const SEARCH_KEY_BYTES_MAX: usize = 128;
/// Carousels in one request.
pub(super) const CAROUSELS_MAX: usize = 16;
/// Ids in one catalog look-up.
pub(super) const LOOKUP_IDS_MAX: usize = 100;

/// Commands in the trade writer's queue, of 16,384, beyond which only checkouts are completed.
pub(super) const TRADE_QUEUED_MAX: usize = 8_192;
/// Requests that may wait for something to happen at once; each holds a thread.
pub(super) const LONG_POLLS_MAX: usize = 64;
/// Milliseconds that such a request may wait.
pub(super) const LONG_POLL_WAIT_MS_MAX: u64 = 25_000;

/// Exports under way at once; each holds a thread.
pub(super) const EXPORTS_MAX: usize = 4;
/// Bytes of one piece of an export.
pub(super) const EXPORT_PIECE_BYTES: usize = 64 << 10;
/// Pieces that wait for whoever takes them.
pub(super) const EXPORT_PIECES_AHEAD: usize = 8;

/// A request is answered within this.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// A bulk upload or an index build is answered within this.
pub(super) const BULK_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// Requests in flight get this long to finish when the server stops.
pub(super) const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(10);
/// What a client is told to wait when a queue is full.
pub(super) const RETRY_AFTER_S: u64 = 1;

const _: () = assert!(BULK_BATCH_LINES <= CATALOG_BATCH_MAX && BULK_BATCH_LINES <= ACTIVITY_BATCH_MAX, "writers take a batch whole");
const _: () = assert!(LONG_POLL_WAIT_MS_MAX < REQUEST_TIMEOUT.as_millis() as u64, "who waits is answered in time");
const _: () = assert!(LINE_BYTES_MAX <= BULK_BYTES_MAX);
const _: () = assert!(QUERY_STRING_BYTES_MAX + HEADER_BYTES_MAX < HEAD_BYTES_MAX, "limits with a problem document come first");
