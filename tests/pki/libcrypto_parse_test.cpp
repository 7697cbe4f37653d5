// Every certificate, list and request of the test data, and what this machine trusts, parsed by us and by
// libcrypto: where one refuses what the other takes, libcrypto_parse.h says why.
#include "libcrypto_parse.h"
#include "x509/files.h"

#include "asn1/pem.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

namespace bulla::test {
namespace {

using Ders = std::set<std::vector<uint8_t>>;

/// JSON has the ends of lines as "\\n".
std::string with_lines(std::string_view json) {
  std::string out;
  for (size_t at = 0; at < json.size(); ++at) {
    const bool escaped = json.substr(at, 2) == "\\n";
    out += escaped ? '\n' : json[at];
    if (escaped) ++at;
  }
  return out;
}

/// The blocks of a text, one by one: a bad one does not hide the others.
void add_blocks(const std::string& text, Ders& out) {
  size_t at = 0;
  while ((at = text.find("-----BEGIN ", at)) != std::string::npos) {
    const size_t end = text.find("-----END ", at);
    const size_t close = end == std::string::npos ? end : text.find("-----", end + 9);
    if (close == std::string::npos) return;
    if (const auto blocks = asn1::decode_pem(as_bytes(std::string_view(text).substr(at, close + 5 - at))))
      for (const asn1::PemBlock& block : *blocks) out.insert(to_vector(block.content.reveal()));
    at = close;
  }
}

void add_file(const std::string& content, Ders& out) {
  if (asn1::looks_like_pem(as_bytes(content)))
    add_blocks(with_lines(content), out);
  else
    out.insert(to_vector(as_bytes(content)));
}

struct Tally {
  size_t inputs = 0, accepted = 0, refused = 0;
  std::map<std::string, size_t> explained;
};

void compare(const Ders& ders, Tally& tally) {
  for (const std::vector<uint8_t>& der : ders) {
    ++tally.inputs;
    for (const Kind kind : {Kind::certificate, Kind::list, Kind::request}) {
      const Judged judged = judge(kind, der);
      if (judged.differ()) {
        EXPECT_TRUE(is_explained(judged))
            << "only " << (judged.ours ? "ours" : "libcrypto") << " accepts: " << judged.why << "\n"
            << to_hex(der);
        ++tally.explained[(judged.ours ? "libcrypto refuses: " : "we refuse: ") + judged.why];
      } else {
        ++(judged.ours ? tally.accepted : tally.refused);
      }
    }
  }
}

void report(const std::string& what, const Tally& tally) {
  std::printf("%s: %zu inputs, %zu accepted by both\n", what.c_str(), tally.inputs, tally.accepted);
  for (const auto& [why, count] : tally.explained) std::printf("  %5zu  %s\n", count, why.c_str());
}

TEST(LibcryptoParseTest, AllTestDataIsJudgedAlike) {
  Ders ders;
  for (const char* folder : {"x509", "bad-certs"})
    for (const std::string& file : files_below(folder, "")) {
      const bool packed = file.ends_with(".gz");
      if (const auto content = read_text(packed ? file.substr(0, file.size() - 3) : file))
        add_file(*content, ders);
    }
  if (ders.empty()) GTEST_SKIP() << "missing test data: x509 (set BULLA_VECTORS to its folder)";
  Tally tally;
  compare(ders, tally);
  report("x509, bad-certs", tally);
  EXPECT_GT(tally.accepted, 1000u);
}

TEST(LibcryptoParseTest, WhatThisMachineTrustsIsAcceptedByBoth) {
  std::ifstream file("/etc/ssl/certs/ca-certificates.crt");
  if (!file) GTEST_SKIP() << "no ca-certificates on this machine";
  Ders ders;
  add_file({std::istreambuf_iterator<char>(file), {}}, ders);
  Tally tally;
  compare(ders, tally);
  EXPECT_EQ(tally.accepted, ders.size());
  EXPECT_TRUE(tally.explained.empty());
}

}  // namespace
}  // namespace bulla::test
