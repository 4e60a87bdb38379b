//! Files to and from other systems, on a real server.
//!
//! Properties pinned here:
//! 1. an export is whole or breaks off, has the layout that was asked for, can be gone on with, and says who somebody is only when that is asked for by
//!    somebody who may know it;
//! 2. what is exported imports again and changes nothing, from every layout;
//! 3. a polled feed is asked for only what has changed, is taken when it has, and after a restart not once more;
//! 4. a feed that fails is told of and harms nothing: errors of its server, a file that is too long, cut off or senseless, an address inside;
//! 5. what a feed has no more is taken off sale when the operator wants that, and not when nearly everything is missing;
//! 6. no answer, metric or file of the shop holds the token of a feed, and none shows the query of its address.

mod exports;
mod feeds;
mod shelf;
