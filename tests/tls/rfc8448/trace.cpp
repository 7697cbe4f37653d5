#include "tls/rfc8448/trace.h"

#include "base/reader.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <fstream>
#include <sstream>

namespace bulla::test::rfc8448 {
namespace {

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdefABCDEF") == text.npos && text.size() % 2 == 0;
}

}  // namespace

Bytes Trace::operator[](const std::string& name) const {
  const auto value = values_.find(name);
  if (value != values_.end()) return value->second;
  ADD_FAILURE() << "the trace has no " << name;
  return {};
}

std::vector<std::vector<uint8_t>> Trace::protected_records(const std::string& name) const {
  std::vector<std::vector<uint8_t>> records;
  Bytes rest = (*this)[name];
  while (rest.size() >= 5) {
    const size_t size = 5 + (size_t{rest[3]} << 8 | rest[4]);
    if (rest.size() < size) break;
    if (rest[0] == 23) records.push_back(to_vector(rest.first(size)));
    rest = rest.subspan(size);
  }
  EXPECT_TRUE(rest.empty()) << name << " does not end with a record";
  return records;
}

std::vector<Bytes> Trace::messages(const std::string& flight) const {
  std::vector<Bytes> all;
  Bytes rest = (*this)[flight];
  while (rest.size() >= 4) {
    const size_t size = 4 + (size_t{rest[1]} << 16 | size_t{rest[2]} << 8 | rest[3]);
    if (rest.size() < size) break;
    all.push_back(rest.first(size));
    rest = rest.subspan(size);
  }
  EXPECT_TRUE(rest.empty()) << flight << " does not end with a message";
  return all;
}

Bytes Trace::leaf(Bytes certificate_message) {
  Reader r(certificate_message.subspan(4));
  r.u8_bytes();
  Reader list = r.u24_prefixed();
  return list.u24_bytes();
}

Trace trace_in_tree() {
  std::ifstream file(std::string(BULLA_SOURCE_DIR) + "/tests/tls/rfc8448/simple_1rtt.txt", std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  std::map<std::string, std::vector<uint8_t>> values;
  for (const Block& block : parse_blocks(text.str()))
    for (const auto& [name, hex] : block.values) values[name] = from_hex(hex);
  EXPECT_FALSE(values.empty()) << "tests/tls/rfc8448/simple_1rtt.txt cannot be read";
  return Trace(std::move(values));
}

std::optional<Trace> load_trace(const std::string& name) {
  if (name == simple_1rtt) return trace_in_tree();
  const auto json = load_json(set);
  if (!json) return std::nullopt;
  std::map<std::string, std::vector<uint8_t>> values;
  const boost::json::object& trace = json->as_object().at(name).as_object();
  for (const char* part : {"trace", "key_schedule"})
    for (const auto& [key, value] : trace.at(part).as_object())
      if (value.is_string() && is_hex(std::string_view(value.get_string())))
        values[std::string(key)] = from_hex(std::string_view(value.get_string()));
  return Trace(std::move(values));
}

std::vector<Extension> extensions_of(Bytes message, size_t skip) {
  Reader r(message.subspan(skip));
  Reader block = r.u16_prefixed();
  std::vector<Extension> all;
  while (block.more()) {
    const uint16_t type = block.u16();
    all.push_back({type, to_vector(block.u16_bytes())});
  }
  EXPECT_TRUE(block.done() && r.done());
  return all;
}

size_t client_hello_extensions_at(Bytes message) {
  Reader r(message.subspan(4 + 2 + 32));
  r.u8_bytes();
  r.u16_bytes();
  r.u8_bytes();
  return message.size() - r.left();
}

size_t server_hello_extensions_at(Bytes message) {
  Reader r(message.subspan(4 + 2 + 32));
  r.u8_bytes();
  r.bytes(3);
  return message.size() - r.left();
}

}  // namespace bulla::test::rfc8448
