#include "cli/staple_file.h"

#include "cli/cert_files.h"
#include "cli/terminal.h"

#include <sys/stat.h>

namespace bulla::cli {
namespace {

constexpr const char* remedy = "have a new one written: `bulla ca ocsp --for CERT --out FILE`, or ask the CA";

Error bad(std::string why) {
  return {ErrorCode::ocsp_response_bad, std::move(why), remedy};
}

/// What the response says of the leaf. A chain without the issuer cannot be verified here; clients will.
Result<OcspStatus> status_in(const OcspResponse& response, const Identity& identity, Time now) {
  if (identity.chain().size() > 1) return response.verify(identity.leaf(), *identity.chain()[1], now);
  for (size_t i = 0; i < response.size(); ++i) {
    const OcspStatus one = response.answer(i);
    if (one.serial != identity.leaf().serial()) continue;
    if (one.next_update && now > *one.next_update) return bad("the response was good until a moment ago");
    return one;
  }
  return bad("the response is not about " + printable(identity.leaf().subject()));
}

}  // namespace

Result<std::shared_ptr<StapleFile>> StapleFile::open(const std::string& path, IdentityPtr identity) {
  const std::shared_ptr<StapleFile> out(new StapleFile(path, std::move(identity)));
  out->marks_ = out->marks();
  const Time now = bulla::now();
  BULLA_TRY(out->state_, out->read(now));
  out->looked_at_ = now;
  return out;
}

IdentityPtr StapleFile::identity(Time now) {
  const std::lock_guard lock(mutex_);
  const auto since = now - looked_at_;
  if (since >= std::chrono::seconds(1) || since < std::chrono::seconds(0)) look(now);
  if (state_.next_update && now > *state_.next_update) {
    say("bulla: note: " + printable(path_) + ": the OCSP response has run out and is stapled no more; " +
        remedy);
    state_ = {};
  }
  return state_.stapling ? state_.stapling : plain_;
}

std::optional<StapleFile::Marks> StapleFile::marks() const noexcept {
  struct stat status = {};
  if (::stat(path_.c_str(), &status) != 0) return {};
  return Marks{.inode = status.st_ino,
               .size = static_cast<uint64_t>(status.st_size),
               .modified_ns = int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

void StapleFile::look(Time now) {
  looked_at_ = now;
  const auto found = marks();
  if (found == marks_) return;
  marks_ = found;
  auto read_now = read(now);
  if (read_now) {
    state_ = *std::move(read_now);
    return;
  }
  say("bulla: note: " + printable(read_now.error().message()) +
      "; the OCSP response of before is stapled to its end");
}

Result<StapleFile::State> StapleFile::read(Time now) const {
  BULLA_TRY(const std::vector<uint8_t> der, read_file(path_, size_t{1} << 20));
  const auto response = OcspResponse::from_der(der);
  if (!response) return in_file(path_, response.error());
  const auto status = status_in(**response, *plain_, now);
  if (!status) return in_file(path_, status.error());
  return State{.stapling = plain_->with_ocsp_response(der), .next_update = status->next_update};
}

}  // namespace bulla::cli
