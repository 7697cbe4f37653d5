// What conditional and range requests (RFC 9110 §13, §14) ask of one file.
#pragma once

#include <bulla/http.h>

namespace bulla::http {

/// A file's validators: a strong entity tag with its quotes, and the time of its last change, whole seconds.
struct Validators {
  std::string etag;
  Time last_modified;
};

enum class Verdict : uint8_t { proceed, not_modified, precondition_failed };
/// The conditions in the order of RFC 9110 §13.2.2, for GET and HEAD.
Verdict check_conditions(const Headers& headers, const Validators& validators, Time now);

/// Bytes first to last, both included.
struct ByteRange {
  uint64_t first, last;
};
enum class RangeKind : uint8_t { whole, part, unsatisfiable };
struct RangeChoice {
  RangeKind kind = RangeKind::whole;
  ByteRange range = {0, 0};
};
/// Which part of `size` bytes a GET asks for. Several ranges, other units, malformed ones and a failed
/// If-Range get the whole, as §14.2 allows.
RangeChoice choose_range(const Headers& headers, const Validators& validators, uint64_t size, Time now);

}  // namespace bulla::http
