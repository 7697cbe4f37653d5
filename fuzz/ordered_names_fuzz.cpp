// What is typed to order a certificate, a line each: names, mailboxes, parts of the name space, URLs. What is
// accepted is read again as the same, and a certificate with it is one that can be parsed.
#include <bulla/pki.h>

#include <algorithm>
#include <cstdlib>

namespace {

using namespace bulla;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Counting : Random {
  void fill(MutBytes out) noexcept override {
    for (uint8_t& byte : out) byte = next++;
  }
  uint8_t next = 1;
};

constexpr Time some_day = Time(std::chrono::seconds(1'800'000'000));

/// A CA for all inputs: its signature is no part of what is looked for.
const pki::CertificateAuthority& authority() {
  static const pki::CertificateAuthority ca = [] {
    Counting random;
    const auto root = pki::NewCa{.name = "Fuzz", .key = {KeyType::ed25519}}
                          .issue({.now = some_day, .random = &random})
                          .value();
    return pki::CertificateAuthority::create(root.chain, root.key.signer()).value();
  }();
  return ca;
}

void check_line(const std::string& line) {
  if (const auto mailbox = pki::AltName::parse_mailbox(line)) {
    require(mailbox->text().find('@') != std::string::npos && !pki::AltName::parse(line));
    require(pki::AltName::parse_mailbox(mailbox->text()).value() == *mailbox);
  }
  if (const auto subtree = pki::Subtree::parse(line)) {
    require(pki::Subtree::parse(subtree->text()).value() == *subtree);
    const size_t size = subtree->base().size();
    require(subtree->kind() != pki::Subtree::Kind::ip || size == 8 || size == 32);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text = as_text({data, std::min<size_t>(size, 4096)});
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() < 8) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  for (const std::string& line : lines) check_line(line);
  if (lines.empty()) return 0;
  const std::string url = lines.back();
  Counting random;
  const auto issued =
      authority().issue({.names = lines}, {.use = pki::CertificateUse::client, .crl_url = url},
                        {KeyType::ed25519}, {.now = some_day, .random = &random});
  if (issued) require(Certificate::from_der(issued->certificate().der()).ok());
  const auto person = authority().issue({.common_name = lines.front()}, {.use = pki::CertificateUse::client},
                                        {KeyType::ed25519}, {.now = some_day, .random = &random});
  if (person) require(person->certificate().subject().find(lines.front().substr(0, 1)) != std::string::npos);
  return 0;
}
