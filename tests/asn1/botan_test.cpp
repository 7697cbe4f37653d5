// Botan's test data: elements, object identifiers and dates, each with the wanted outcome.
#include "asn1/der_reader.h"
#include "asn1/oid.h"
#include "asn1/time.h"
#include "support/vectors.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace bulla::asn1 {
namespace {

using namespace test;

/// Reads elements one in another, each by its own rules.
void read_all(DerReader& r) {
  while (r.more()) {
    DerReader peek = r;
    const Element e = peek.any();
    if (e.tag == tag::boolean)
      r.boolean();
    else if (e.tag == tag::integer)
      r.integer();
    else if (e.tag == tag::bit_string)
      r.bit_string();
    else if (e.tag == tag::null)
      r.null();
    else if (e.tag == tag::oid)
      r.oid();
    else if (e.tag & 0x20)
      r.constructed(e.tag, read_all);
    else
      r.any();
  }
}

TEST(BotanTest, Elements) {
  const std::string set = "nist/botan-text/asn1_decoding.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  // Right, and too large for Botan's arcs of 32 bits only.
  std::set<std::string> divergences = {"0606519080808000", "06059080808000", "0606FFFFFFFFFF7F"};
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("Input")) continue;
    const auto der = block.bytes("Input");
    DerReader r(der);
    read_all(r);
    const std::string id(block.text("Input"));
    // "ResultDER" is there where DER and BER differ.
    const bool wanted =
        block.has("ResultDER") ? block.text("ResultDER") == "OK" : block.text("ResultBER") == "OK";
    const bool differs = r.done() != wanted;
    EXPECT_EQ(differs, divergences.erase(id) > 0) << id << ": " << r.why();
    ++cases;
  }
  EXPECT_TRUE(divergences.empty());
  report_cases(set, cases);
}

TEST(BotanTest, ObjectIdentifiers) {
  const std::string good = "nist/botan-text/asn1_oid.vec", bad = "nist/botan-text/asn1_oid_invalid.vec";
  const auto good_text = read_text(good), bad_text = read_text(bad);
  BULLA_NEED_VECTORS(good_text, good);
  BULLA_NEED_VECTORS(bad_text, bad);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*good_text)) {
    if (!block.has("DER")) continue;
    const auto der = block.bytes("DER");
    DerReader r(der);
    EXPECT_EQ(to_dotted(r.oid()), block.text("OID"));
    EXPECT_TRUE(r.done()) << block.text("DER");
    ++cases;
  }
  for (const Block& block : parse_blocks(*bad_text)) {
    const std::string hex(block.text("DER"));
    if (hex.empty()) continue;
    const auto der = from_hex(hex);
    DerReader r(der);
    r.oid();
    // Two are right, and too large for Botan's arcs of 32 bits only.
    const bool only_large = hex == "0606519080808000" || hex == "06059080808000";
    EXPECT_EQ(r.done(), only_large) << hex;
    ++cases;
  }
  report_cases(good + ", asn1_oid_invalid.vec", cases);
}

// RFC 5280 §4.1.2.5.
TEST(BotanTest, Dates) {
  const std::string set = "nist/botan-text/asn1_time.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  std::string section;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("[")) section = line;
    if (!line.starts_with("Tspec = ")) continue;
    const std::string spec = line.substr(8);
    const auto time =
        decode_time(section.starts_with("[UTC") ? tag::utc_time : tag::generalized_time, as_bytes(spec));
    // Botan takes no year before 1950; RFC 5280 asks that of nobody.
    const bool early = section == "[Generalized.invalid]" && spec == "19490131053030Z";
    EXPECT_EQ(time.has_value(), section.find("invalid") == std::string::npos || early)
        << section << ' ' << spec;
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

}  // namespace
}  // namespace bulla::asn1
