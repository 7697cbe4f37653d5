#include "support/vectors.h"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace bulla::test {

namespace fs = std::filesystem;

std::optional<fs::path> vectors_dir() {
  const char* named = std::getenv("BULLA_VECTORS");
  const fs::path dir = named && *named ? fs::path(named) : fs::path(BULLA_SOURCE_DIR) / "../shared/vectors";
  std::error_code none;
  if (!fs::is_directory(dir, none)) return std::nullopt;
  return dir;
}

namespace {

std::string plain_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) ADD_FAILURE() << path << " could not be read";
  return {std::istreambuf_iterator<char>(file), {}};
}

/// By the program rather than zlib, which is not at hand for every machine that tests are built for.
std::string unpacked_file(const fs::path& path) {
  std::string text;
  std::array<char, 1 << 16> chunk;
  FILE* const pipe = ::popen(("gzip -dc '" + path.string() + '\'').c_str(), "r");
  if (pipe)
    for (size_t n; (n = std::fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) text.append(chunk.data(), n);
  if (!pipe || ::pclose(pipe) != 0) ADD_FAILURE() << path << " could not be unpacked";
  return text;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::pair<std::string, std::string> split(std::string_view line) {
  const size_t at = line.find_first_of("=:");
  if (at == line.npos) return {std::string(trimmed(line)), {}};
  return {std::string(trimmed(line.substr(0, at))), std::string(trimmed(line.substr(at + 1)))};
}

std::string_view find(const std::vector<std::pair<std::string, std::string>>& in, std::string_view key) {
  for (const auto& [name, value] : in)
    if (name == key) return value;
  return {};
}

}  // namespace

std::optional<std::string> read_text(std::string_view relative) {
  const auto dir = vectors_dir();
  if (!dir) return std::nullopt;
  fs::path path = *dir / relative;
  if (fs::exists(path)) return plain_file(path);
  path += ".gz";
  if (!fs::exists(path)) return std::nullopt;
  return unpacked_file(path);
}

std::optional<boost::json::value> load_json(std::string_view relative) {
  const auto text = read_text(relative);
  if (!text) return std::nullopt;
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(*text, error);
  if (error) ADD_FAILURE() << relative << " is not JSON: " << error.message();
  return value;
}

std::vector<uint8_t> from_hex(std::string_view hex) {
  std::vector<uint8_t> out;
  out.reserve(hex.size() / 2);
  unsigned pending = 0;
  bool half = false;
  for (const char c : hex) {
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') continue;
    const auto digit = static_cast<unsigned>(c >= '0' && c <= '9'   ? c - '0'
                                             : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                             : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                                    : 16);
    if (digit > 15) {
      ADD_FAILURE() << "not hexadecimal: " << hex;
      return {};
    }
    if (half) out.push_back(static_cast<uint8_t>(pending << 4 | digit));
    pending = digit;
    half = !half;
  }
  if (half) ADD_FAILURE() << "half a byte of hexadecimal: " << hex;
  return out;
}

bool Block::has(std::string_view key) const {
  for (const auto& [name, value] : values)
    if (name == key) return true;
  return false;
}

std::string_view Block::text(std::string_view key) const {
  return find(values, key);
}
std::string_view Block::setting(std::string_view key) const {
  return find(settings, key);
}

std::vector<uint8_t> Block::bytes(std::string_view key) const {
  const std::string_view value = text(key);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    return to_vector(as_bytes(value.substr(1, value.size() - 2)));
  return from_hex(value);
}

std::vector<uint8_t> Block::number(std::string_view key) const {
  std::string digits(text(key).size() % 2, '0');
  digits += text(key);
  return from_hex(digits);
}

std::vector<Block> parse_blocks(std::string_view text) {
  std::vector<Block> blocks;
  Block current;
  bool in_settings = false;
  const auto flush = [&] {
    if (!current.values.empty()) blocks.push_back(current);
    current.values.clear();
  };
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) flush();
    if (line.empty() || line.front() == '#') continue;
    if (line.front() != '[') {
      current.values.push_back(split(line));
      in_settings = false;
      continue;
    }
    flush();
    // A new run of [key = value] lines replaces the run before.
    if (!in_settings) current.settings.clear();
    in_settings = true;
    const std::string_view inner =
        trimmed(line.substr(1, line.rfind(']') == line.npos ? line.npos : line.rfind(']') - 1));
    if (inner.find('=') == inner.npos) {
      current.section = inner;
    } else {
      current.settings.push_back(split(inner));
    }
  }
  flush();
  return blocks;
}

void report_cases(std::string_view set, size_t cases) {
  std::printf("[ vectors  ] %.*s: %zu cases\n", static_cast<int>(set.size()), set.data(), cases);
}

}  // namespace bulla::test
