#include "lib/models/describe.hpp"

#include "lib/base/text.hpp"

namespace diffusion {
namespace {

std::string text_of(const Json& value) {
  if (value.is_string()) return JsonAt(value, "").text();
  if (!value.is_array()) return one_line(value);
  std::vector<std::string> parts;
  for (const Json& part : value) parts.push_back(text_of(part));
  return join(parts, ",");
}

/// One line for every leaf below `json`, named by its path.
void add_lines(std::string& out, const std::string& path, const Json& json) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items())
      add_lines(out, path.empty() ? key : path + "." + key, value);
    return;
  }
  out += path + "\t" + text_of(json) + "\n";
}

/// The schedule by what defines it; its arrays are for the document.
Json short_schedule(const Json& schedule) {
  Json kept = Json::object();
  for (const char* key : {"family", "params", "process", "T"})
    if (schedule.contains(key)) kept[key] = schedule[key];
  return kept;
}

std::vector<std::string> choices(const ModelFile& file) {
  std::vector<std::string> names;
  for (const double rate : file.ema_rates()) names.push_back("ema:" + shortest(rate));
  names.emplace_back("raw");
  return names;
}

std::size_t weight_count(const ModelFile& file) {
  std::size_t count = 0;
  for (const SafetensorsEntry& entry : file.file().entries())
    if (entry.name.find('/') == std::string::npos) count += entry.count();
  return count;
}

}  // namespace

Json model_to_json(const ModelFile& file) {
  const ModelDescription& about = file.description();
  Json arrays = Json::array();
  for (const SafetensorsEntry& entry : file.file().entries())
    arrays.push_back(
        {{"name", entry.name}, {"dtype", name_of(entry.type)}, {"shape", entry.shape}});
  return {{"weights", {{"count", weight_count(file)}, {"choices", choices(file)}}},
          {"model", about.model},
          {"schedule", about.schedule},
          {"objective", about.objective},
          {"data", about.data},
          {"training", about.training},
          {"arrays", std::move(arrays)}};
}

std::string model_to_text(const ModelFile& file) {
  const ModelDescription& about = file.description();
  std::string out;
  add_lines(out, "weights", {{"count", weight_count(file)}, {"choices", choices(file)}});
  add_lines(out, "model", about.model);
  add_lines(out, "schedule", short_schedule(about.schedule));
  add_lines(out, "objective", about.objective);
  add_lines(out, "data", about.data);
  Json training = about.training;
  training.erase("config");
  add_lines(out, "training", training);
  if (const auto config = file.training().find("config"))
    if (const auto train = config->find("train")) add_lines(out, "train", train->json());
  return out;
}

}  // namespace diffusion
