#include "tools/cli/list.hpp"

#include <algorithm>
#include <set>

namespace diffusion::cli {
namespace {

std::string text_of(const ParamValue& value) {
  if (const auto* const number = std::get_if<double>(&value)) return shortest(*number);
  if (const auto* const whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  return std::get<std::string>(value);
}

/// "eta=0 churn=0".
std::string in_words(const std::vector<Parameter>& parameters) {
  std::vector<std::string> words;
  for (const Parameter& each : parameters)
    words.push_back(each.key + "=" + (each.usual ? text_of(*each.usual) : ""));
  return join(words, " ");
}

Json value_to_json(const ParamValue& value) {
  if (const auto* const number = std::get_if<double>(&value)) return number_to_json(*number);
  return std::visit([](const auto& plain) { return Json(plain); }, value);
}

Json to_json(const Choice& choice) {
  Json json = {{"name", choice.name}, {"summary", choice.summary}};
  if (choice.parameters) {
    json["params"] = Json::object();
    for (const auto& [key, usual, choices, file] : choice.parameters())
      json["params"][key] = usual ? value_to_json(*usual) : Json();
  }
  if (!choice.reference.empty()) json["reference"] = choice.reference;
  return json;
}

}  // namespace

std::vector<Registry> registries_of(const std::vector<Row>& rows) {
  std::vector<Registry> registries;
  std::set<std::string> listed;
  for (const Row& row : rows) {
    const Values& values = row.flag.values;
    if (values.title.empty() || !listed.insert(values.title).second) continue;
    const std::string flag = row.positional() ? "" : row.option->get_name() + " ";
    registries.push_back({values.title,
                          flag + "NAME" + (values.with_parameters ? "[:key=value,...]" : "") +
                              (values.several ? ",..." : ""),
                          values.choices});
  }
  return registries;
}

std::string list_as_text(const std::vector<Registry>& registries) {
  std::string text;
  for (const Registry& each : registries) {
    text += each.title + " (" + each.usage + ")\n";
    for (const Choice& choice : each.choices) {
      text += "  " + choice.name + "\n";
      const std::string params = choice.parameters ? in_words(choice.parameters()) : "";
      for (const std::string& line : {choice.summary, params, choice.reference})
        if (!line.empty()) text += "    " + line + "\n";
    }
  }
  return text;
}

Json list_as_json(const std::vector<Registry>& registries) {
  Json json = Json::object();
  for (const Registry& each : registries) {
    std::string key = each.title;
    std::ranges::replace(key, ' ', '_');
    Json& rows = json[key] = Json::array();
    for (const Choice& choice : each.choices) rows.push_back(to_json(choice));
  }
  return json;
}

}  // namespace diffusion::cli
