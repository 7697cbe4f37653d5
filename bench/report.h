// What is printed, and which rows of it were asked for.
#pragma once

#include "measure.h"

#include <openssl/crypto.h>

#include <string>
#include <string_view>

namespace bulla::bench {

class Report {
 public:
  Report(Format format, std::string filter) : format_(format), filter_(std::move(filter)) {}
  bool wants(const std::string& name) const { return name.find(filter_) != std::string::npos; }
  /// Prints the row if it is wanted: a section measures all of its rows at once.
  void row(std::string name, std::string unit, Figure f, bool smaller, std::string_view note = {}) {
    const std::string peer = "libssl " + std::string(OpenSSL_version(OPENSSL_VERSION_STRING));
    row_beside(peer + std::string(note), std::move(name), std::move(unit), f, smaller);
  }
  /// The same beside another peer than libssl.
  void row_beside(std::string peer, std::string name, std::string unit, Figure f, bool smaller) {
    if (!wants(name)) return;
    ++rows_;
    print({std::move(name), std::move(unit), f.ours, f.peer, std::move(peer), smaller}, format_);
  }
  unsigned rows() const { return rows_; }

 private:
  Format format_;
  std::string filter_;
  unsigned rows_ = 0;
};

}  // namespace bulla::bench
