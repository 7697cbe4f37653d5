// Any bytes as the value of each extension that is put into words, as a list of SCTs, and as a file whose
// kind is told by its looks. What comes out is safe for a terminal.
#include "asn1/oid.h"
#include "base/assert.h"
#include "pki/extension_text.h"
#include "pki/items.h"
#include "pki/sct_list.h"

#include <bulla/pki.h>

#include <algorithm>

using namespace bulla;
using asn1::oid;

namespace {

constexpr asn1::Oid extensions[] = {oid("2.5.29.9"),
                                    oid("2.5.29.14"),
                                    oid("2.5.29.15"),
                                    oid("2.5.29.16"),
                                    oid("2.5.29.17"),
                                    oid("2.5.29.18"),
                                    oid("2.5.29.19"),
                                    oid("2.5.29.20"),
                                    oid("2.5.29.30"),
                                    oid("2.5.29.31"),
                                    oid("2.5.29.32"),
                                    oid("2.5.29.33"),
                                    oid("2.5.29.35"),
                                    oid("2.5.29.36"),
                                    oid("2.5.29.37"),
                                    oid("2.5.29.46"),
                                    oid("2.5.29.54"),
                                    oid("1.2.3"),
                                    oid("1.3.6.1.5.5.7.1.1"),
                                    oid("1.3.6.1.5.5.7.1.3"),
                                    oid("1.3.6.1.5.5.7.1.11"),
                                    oid("1.3.6.1.5.5.7.1.24"),
                                    oid("1.3.6.1.5.5.7.48.1.5"),
                                    oid("1.3.6.1.4.1.11129.2.4.2"),
                                    oid("1.3.6.1.4.1.11129.2.4.3"),
                                    oid("2.16.840.1.113730.1.13"),
                                    oid("1.3.6.1.4.1.311.20.2")};

bool is_safe(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes input(data, size);
  for (const asn1::Oid& one : extensions) {
    size_t written = 0;
    for (const std::string& line : pki::extension_lines({.oid = one.content(), .value = input})) {
      BULLA_ASSERT(is_safe(line), "a line is safe for a terminal");
      written += line.size();
    }
    BULLA_ASSERT(written <= 300 * size + 300, "what is written is bounded by what is read");
  }
  if (const auto scts = pki::read_sct_list(input)) BULLA_ASSERT(scts->size() <= size, "an SCT takes bytes");
  (void)pki::kind_of_der(input);
  if (const auto items = pki::items_of(input)) BULLA_ASSERT(!items->empty(), "a file holds something");
  if (const auto certificate = Certificate::from_der(input)) {
    const std::string text = pki::describe_whole(**certificate, Time{});
    std::string one_line = text;
    std::ranges::replace(one_line, '\n', ' ');
    BULLA_ASSERT(is_safe(one_line), "the text is safe for a terminal");
  }
  return 0;
}
