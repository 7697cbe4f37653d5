// An OCSP response in a file, for a server that staples it; renewed by whoever writes the file anew.
#pragma once

#include <bulla/certificate.h>
#include <bulla/os.h>
#include <bulla/revocation.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace bulla::cli {

/// For any number of threads.
class StapleFile {
 public:
  /// Reads the file. Errors: those of read_file; ocsp_response_malformed; ocsp_response_bad where it is about
  /// another certificate, by somebody else, or not of today. What it says of the certificate is no error.
  static Result<std::shared_ptr<StapleFile>> open(const std::string& path, IdentityPtr identity);

  /// The identity with what the file holds; it is looked at once a second. Where it does not hold a good
  /// response any more, the one before serves to its end, and then none is stapled.
  IdentityPtr identity(Time now);

 private:
  struct State {
    IdentityPtr stapling = {};
    std::optional<Time> next_update = {};
  };
  /// Which file it was: another one has other marks.
  struct Marks {
    uint64_t inode = 0, size = 0;
    int64_t modified_ns = 0;
    bool operator==(const Marks&) const = default;
  };
  StapleFile(std::string path, IdentityPtr identity) noexcept
      : path_(std::move(path)), plain_(std::move(identity)) {}
  Result<State> read(Time now) const;
  std::optional<Marks> marks() const noexcept;
  void look(Time now);

  const std::string path_;
  const IdentityPtr plain_;
  std::mutex mutex_;
  State state_;
  std::optional<Marks> marks_;
  Time looked_at_ = {};
};

}  // namespace bulla::cli
