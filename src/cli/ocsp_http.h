// OCSP over HTTP (RFC 6960 §A, RFC 5019 §5 and §6): from a request of HTTP to a response of HTTP.
#pragma once

#include <bulla/ca_status.h>
#include <bulla/http.h>

#include <functional>
#include <string>

namespace bulla::cli {

/// A responder with its address.
struct OcspSite {
  ca::Responder& responder;
  /// "/ocsp", where clients were told to ask there; "/" is answered as well.
  std::string path = "/";
  /// Told why there was no answer where it is not the client's fault.
  std::function<void(const Error&)> on_trouble = {};
};

/// Answers POST of an application/ocsp-request, and GET of one in base64 behind the path. Never throws.
http::Response answer_ocsp(const OcspSite& site, const http::Request& request);

/// What a request may cost: it is read whole before it is looked at.
http::RequestLimits ocsp_request_limits() noexcept;

}  // namespace bulla::cli
