//! The HTTP server: accept loop, routes, views, pages.
