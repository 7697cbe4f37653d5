#include "bogo/verifier.h"

#include <bulla/os.h>

#include <algorithm>

namespace bulla::bogo {
namespace {

/// The name in all of the runner's certificates.
constexpr std::string_view runner_name = "test";
/// They are valid from an hour before the runner's start on; some of them only in the second of their making.
constexpr Milliseconds before_the_run = Seconds{30 * 60};

class RunnerVerifier : public Verifier {
 public:
  RunnerVerifier(const Flags& flags, ClockOffset offset, Observer& observer,
                 std::optional<WebPkiVerifier> roots)
      : flags_(flags), offset_(offset), observer_(observer), roots_(std::move(roots)) {}

  Result<ChainVerified> verify(const VerifyRequest& request) const override {
    Result<ChainVerified> answer = judge(request);
    ++(answer ? observer_.verified : observer_.refused);
    return answer;
  }

  std::vector<std::vector<uint8_t>> accepted_authorities() const override {
    return flags_.use_client_ca_list ? parse_names(*flags_.use_client_ca_list)
                                     : std::vector<std::vector<uint8_t>>();
  }

 private:
  Result<ChainVerified> judge(const VerifyRequest& request) const {
    BULLA_TRY(ChainVerified proof, check_chain(request));
    // The reference shim's client looks at certificates only if told to.
    const bool decides = flags_.verify_peer || flags_.require_any_client_certificate;
    if (flags_.verify_fail && decides)
      return Error{ErrorCode::certificate_unknown_issuer,
                   "-verify-fail :certificate_refused:",
                   {},
                   flags_.use_custom_verify_callback ? AlertDescription::certificate_unknown
                                                     : AlertDescription::handshake_failure};
    if (!flags_.server && flags_.use_ocsp_callback && flags_.fail_ocsp_callback)
      return Error{ErrorCode::certificate_unknown_issuer,
                   "-fail-ocsp-callback :ocsp_refused:",
                   {},
                   AlertDescription::bad_certificate_status_response};
    return proof;
  }

  Result<ChainVerified> check_chain(VerifyRequest request) const {
    request.now = std::max(request.now - offset_ - before_the_run, request.chain.front()->not_before());
    if (!roots_) return dangerous::assert_verified(request, "the test has no -trust-cert");
    if (!request.name) return roots_->verify(request);
    // The client is told to say another name than the certificate has, or none; a few certificates have none.
    BULLA_TRY(const ServerName name, ServerName::parse(runner_name));
    VerifyRequest as_runner = request;
    as_runner.name = request.chain.front()->names().empty() ? nullptr : &name;
    BULLA_TRY(const ChainVerified proof, roots_->verify(as_runner));
    return dangerous::assert_verified(request, "verified as the name in the runner's certificates");
  }

  const Flags& flags_;
  const ClockOffset offset_;
  Observer& observer_;
  std::optional<WebPkiVerifier> roots_;
};

}  // namespace

Result<VerifierPtr> make_verifier(const Flags& flags, ClockOffset offset, Observer& observer) {
  std::optional<WebPkiVerifier> web_pki;
  if (flags.trust_cert && !flags.trust_cert->empty()) {
    BULLA_TRY(RootStore roots, roots_from_path(*flags.trust_cert));
    WebPkiVerifier::Options options;
    options.min_rsa_bits = 1024;  // some of the runner's keys are as short
    web_pki.emplace(std::move(roots), options);
  }
  return VerifierPtr(std::make_shared<RunnerVerifier>(flags, offset, observer, std::move(web_pki)));
}

}  // namespace bulla::bogo
