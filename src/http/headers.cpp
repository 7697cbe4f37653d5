#include "http/text.h"

#include <bulla/http.h>

#include <algorithm>

namespace bulla::http {

std::optional<std::string_view> Headers::find(std::string_view name) const noexcept {
  for (const Field& field : fields_)
    if (iequals(field.name, name)) return field.value;
  return std::nullopt;
}

size_t Headers::count(std::string_view name) const noexcept {
  size_t n = 0;
  for (const Field& field : fields_) n += iequals(field.name, name);
  return n;
}

bool Headers::has_token(std::string_view name, std::string_view token) const noexcept {
  for (const Field& field : fields_) {
    if (!iequals(field.name, name)) continue;
    for (std::string_view rest = field.value; !rest.empty();)
      if (iequals(trim(take_until(rest, ',')), token)) return true;
  }
  return false;
}

void Headers::add(std::string_view name, std::string_view value) {
  fields_.push_back(Field{std::string(name), std::string(value)});
}

void Headers::set(std::string_view name, std::string_view value) {
  // Copies first: both may point into a field that remove() takes away.
  Field field{std::string(name), std::string(value)};
  remove(field.name);
  fields_.push_back(std::move(field));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return iequals(field.name, name); });
}

std::optional<std::string_view> Request::param(std::string_view name) const noexcept {
  for (const auto& [key, value] : params)
    if (key == name) return value;
  return std::nullopt;
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  const auto form_decode = [](std::string_view text) {
    std::string spaced(text);
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    return percent_decode(spaced);
  };
  for (std::string_view rest = query; !rest.empty();) {
    std::string_view value = take_until(rest, '&');
    const std::string_view key = take_until(value, '=');
    if (form_decode(key) == name) return form_decode(value);
  }
  return std::nullopt;
}

}  // namespace bulla::http
