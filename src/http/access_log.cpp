// Lines of the access log. Everything in them that the peer chose goes through one of two escapes.
#include "http/text.h"

#include <bulla/http.h>

#include <cstdio>

namespace bulla::http {
namespace {

using namespace std::chrono;

/// Control characters and non-UTF-8 as \xNN, quotes and backslashes with a backslash: safe between quotes.
std::string quoted(std::string_view text) {
  if (text.empty()) return "\"-\"";
  std::string marked;
  for (const char c : text) {
    // Before printable(), so that a typed "\x0a" cannot be taken for an escaped line break.
    if (c == '"' || c == '\\') marked += '\\';
    marked += c;
  }
  return '"' + printable(marked) + '"';
}

/// The same without quotes, for fields that spaces separate.
std::string word(std::string_view text) {
  if (text.empty()) return "-";
  std::string out = quoted(text);
  out = out.substr(1, out.size() - 2);
  for (char& c : out)
    if (c == ' ') c = '_';
  return out;
}

constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// 10/Oct/2000:13:55:36 +0000
std::string log_time(Time time) {
  const auto today = floor<days>(time);
  const year_month_day date(today);
  const hh_mm_ss clock(floor<seconds>(time) - today);
  char out[64];
  std::snprintf(out, sizeof out, "%02u/%s/%04d:%02d:%02d:%02d +0000", static_cast<unsigned>(date.day()),
                months[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return out;
}

/// 2000-10-10T13:55:36.123Z
std::string iso_time(Time time) {
  const auto today = floor<days>(time);
  const year_month_day date(today);
  const hh_mm_ss clock(time - today);
  char out[64];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return out;
}

/// "client":{...}, or "client":null,
std::string client_json(const ClientCertificate* client) {
  if (!client) return "\"client\":null,";
  const auto string = [](std::string_view text) { return '"' + json_escaped(text) + '"'; };
  std::string names;
  for (const std::string& name : client->names) names += (names.empty() ? "" : ",") + string(name);
  return "\"client\":{\"subject\":" + string(client->subject) + ",\"names\":[" + names +
         "],\"issuer\":" + string(client->issuer) + ",\"serial\":" + string(client->serial) +
         ",\"sha256\":" + string(client->sha256) + "},";
}

}  // namespace

std::string access_log_line(const AccessEntry& entry) {
  const PeerInfo& peer = entry.peer;
  std::string out = word(peer.address) + " - " + word(peer.client ? peer.client->subject : "") + " [" +
                    log_time(entry.time) + "] ";
  out += quoted(entry.request_line) + ' ' + std::to_string(entry.status) + ' ' +
         std::to_string(entry.bytes_sent);
  out += ' ' + quoted(entry.referer) + ' ' + quoted(entry.user_agent);
  out += ' ' + word(peer.tls_version) + ' ' + word(peer.cipher_suite) + ' ' + word(peer.group) + ' ';
  out += word(peer.server_name) + ' ';
  out += peer.tls_version.empty() ? "-" : peer.resumed ? "resumed" : "full";
  return out + ' ' + std::to_string(entry.duration.count()) + "ms";
}

std::string access_log_json(const AccessEntry& entry) {
  const PeerInfo& peer = entry.peer;
  const auto text = [](std::string_view name, std::string_view value) {
    return '"' + std::string(name) + "\":\"" + json_escaped(value) + "\",";
  };
  const auto number = [](std::string_view name, auto value) {
    return '"' + std::string(name) + "\":" + std::to_string(value) + ',';
  };
  std::string out =
      '{' + text("time", iso_time(entry.time)) + text("address", peer.address) + number("port", peer.port);
  out += client_json(peer.client.get()) + text("request", entry.request_line);
  out += number("status", entry.status) + number("bytes", entry.bytes_sent) + text("referer", entry.referer);
  out += text("user_agent", entry.user_agent) + text("tls_version", peer.tls_version);
  out += text("cipher_suite", peer.cipher_suite) + text("group", peer.group) +
         text("server_name", peer.server_name);
  out += "\"resumed\":" + std::string(peer.resumed ? "true" : "false") + ",\"duration_ms\":";
  return out + std::to_string(entry.duration.count()) + '}';
}

std::string request_line(const Request& request) {
  return request.method + ' ' + request.target + " HTTP/1." + std::to_string(request.version_minor);
}

}  // namespace bulla::http
