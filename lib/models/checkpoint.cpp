#include "lib/models/checkpoint.hpp"

#include <algorithm>
#include <cassert>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/models/fill_parameters.hpp"
#include "lib/schedule/schedule_json.hpp"

namespace diffusion {
namespace {

constexpr const char* format_version = "1";
const std::string ema_start = "ema.", power_start = "power.";

/// The part of an array's name before the weight's name: "ema.0.995/", or "".
std::string prefix_in(const std::string& name) { return name.substr(0, name.rfind('/') + 1); }

void check_format(const SafetensorsFile& file) {
  const auto value = [&](const char* key) {
    const auto found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string() : found->second;
  };
  if (value("format") != model_format)
    throw Error(file.name() +
                ": a safetensors file, but not a model of these tools (its metadata has no "
                "\"format\": \"diffusion-model\")");
  if (value("version") != format_version)
    throw Error(file.name() + ": version '" + value("version") +
                "' of the model format is not known here (known: 1)");
}

Json read_part(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end())
    throw Error(file.name() + ": its metadata has no '" + key + "'");
  const std::string culprit = file.name() + ": metadata '" + key + "'";
  const Json part = parse_json(found->second, culprit);
  return JsonAt(part, culprit).object();
}

/// The arrays of one set.
std::vector<WeightTensor> arrays_under(const SafetensorsFile& file, const std::string& prefix) {
  std::vector<WeightTensor> arrays;
  for (const SafetensorsEntry& entry : file.entries())
    if (prefix_in(entry.name) == prefix)
      arrays.push_back(
          {entry.name, entry.shape, [&](std::span<float> out) { file.read(entry, out); }});
  return arrays;
}

/// The numbers that follow `start` in names such as "ema.0.995/conv.weight", each once, falling.
std::vector<double> numbers_in_names(const SafetensorsFile& file, const std::string& start) {
  std::vector<double> numbers;
  for (const SafetensorsEntry& entry : file.entries()) {
    const std::string prefix = prefix_in(entry.name);
    if (!prefix.starts_with(start)) continue;
    const auto number = parse_number(
        std::string_view(prefix).substr(start.size(), prefix.size() - start.size() - 1));
    if (number && std::ranges::find(numbers, *number) == numbers.end()) numbers.push_back(*number);
  }
  std::ranges::sort(numbers, std::greater{});
  return numbers;
}

/// What `get` gets from the configuration; its errors open with the file.
template <class Get>
auto of_model(const std::string& file, const Get& get) {
  try {
    return get();
  } catch (const Error& e) {
    throw Error(file + ": metadata 'model': " + e.what());
  }
}

}  // namespace

std::string ema_prefix(double rate) { return ema_start + shortest(rate) + "/"; }
std::string power_prefix(double sigma_rel) { return power_start + shortest(sigma_rel) + "/"; }

void write_model_file(const std::string& path, const ModelDescription& description,
                      const nn::Parameters& names, std::span<const WeightSet> sets,
                      std::vector<SafetensorsArray> state, const BeforeSet& before) {
  std::vector<SafetensorsArray> arrays = std::move(state);
  for (const WeightSet& set : sets) {
    assert(set.values.size() == names.size());
    for (const nn::Param& param : names.all())
      arrays.push_back(safetensors_array(set.prefix + param.name, param.shape,
                                         set.values.subspan(param.offset, param.size)));
  }
  std::string prefix;  // of the array before
  const auto announce = [&](const SafetensorsArray& array) {
    if (before && prefix_in(array.name) != prefix) before(prefix_in(array.name));
    prefix = prefix_in(array.name);
  };
  write_safetensors(path, std::move(arrays),
                    {{"format", model_format},
                     {"version", format_version},
                     {"model", one_line(description.model)},
                     {"schedule", one_line(description.schedule)},
                     {"objective", one_line(description.objective)},
                     {"data", one_line(description.data)},
                     {"training", one_line(description.training)}},
                    announce);
}

ModelFile::ModelFile(const std::string& path, NetworkRows networks)
    : file_(path), networks_(networks) {
  check_format(file_);
  description_ = {.model = read_part(file_, "model"),
                  .schedule = read_part(file_, "schedule"),
                  .objective = read_part(file_, "objective"),
                  .data = read_part(file_, "data"),
                  .training = read_part(file_, "training")};
}

Schedule ModelFile::schedule() const {
  return schedule_from_json(description_.schedule, name() + ": metadata 'schedule'");
}

JsonAt ModelFile::part(const Json& json, const char* key) const {
  return {json, name() + ": metadata '" + key + "'"};
}

Prediction ModelFile::prediction() const {
  const std::string given = objective()["prediction"].text();
  try {
    return parse_prediction(given);
  } catch (const Error& e) {
    throw Error(name() + ": metadata 'objective': " + e.what());
  }
}

std::vector<double> ModelFile::ema_rates() const { return numbers_in_names(file_, ema_start); }

std::vector<double> ModelFile::power_widths() const {
  std::vector<double> widths = numbers_in_names(file_, power_start);
  std::ranges::reverse(widths);
  return widths;
}

std::optional<std::string> ModelFile::usual_average() const {
  if (const auto rates = ema_rates(); !rates.empty()) return ema_prefix(rates.front());
  if (const auto widths = power_widths(); !widths.empty()) return power_prefix(widths.front());
  for (const char* const whole : {"average", "imported"})
    if (description_.training.contains(whole)) return "";
  return std::nullopt;
}

std::string ModelFile::prefix_of(const std::string& choice) const {
  const auto average = usual_average();
  if (choice == "raw" || (choice.empty() && !average)) return "";
  if ((choice.empty() || choice == "ema") && average) return *average;
  std::vector<std::string> have = {"raw"};
  const auto found = [&](const std::string& kind, const std::vector<double>& numbers) {
    const auto asked = choice.starts_with(kind)
                           ? parse_number(std::string_view(choice).substr(kind.size()))
                           : std::nullopt;
    for (const double number : numbers) have.push_back(kind + shortest(number));
    return asked && std::ranges::find(numbers, *asked) != numbers.end() ? asked : std::nullopt;
  };
  if (const auto rate = found("ema:", ema_rates())) return ema_prefix(*rate);
  if (const auto width = found("power:", power_widths())) return power_prefix(*width);
  throw Error(name() + ": has no weights '" + choice + "' (have: " + join(have, ", ") + ")");
}

PublishedWeights ModelFile::weights(std::span<const WeightTensor> arrays,
                                    const std::string& prefix) const {
  const NetworkInfo* const row = find_network(description_.model, networks_);
  return {.tensors = arrays,
          .prefix = prefix,
          .culprit = name(),
          .current_name = row ? row->current_name : nullptr};
}

void ModelFile::read(const std::string& prefix, const nn::Parameters& names,
                     std::span<float> out) const {
  const auto arrays = arrays_under(file_, prefix);
  fill_parameters(weights(arrays, prefix), names, out);
}

void ModelFile::read_state(const std::string& array, std::span<float> out) const {
  const auto entry = std::ranges::find(file_.entries(), array, &SafetensorsEntry::name);
  if (entry == file_.entries().end() || entry->count() != out.size())
    throw Error(name() + ": has no array '" + array + "' of " + std::to_string(out.size()) +
                " numbers, so training cannot go on from it");
  file_.read(*entry, out);
}

NetworkImages ModelFile::images() const {
  return of_model(name(), [&] {
    const Json& model = description_.model;
    return network_row(model, networks_).images(model);
  });
}

VarianceOutput ModelFile::variance() const {
  return of_model(name(), [&] {
    const NetworkInfo& row = network_row(description_.model, networks_);
    const nn::Graph graph = row.graph(description_.model);
    const bool twice =
        std::size_t(graph.channels(graph.output())) == 2 * row.images(description_.model).channels;
    return twice ? VarianceOutput::learned : VarianceOutput::none;
  });
}

std::unique_ptr<Network> ModelFile::network(const std::string& choice,
                                            const NetworkMaker& make) const {
  const std::string prefix = prefix_of(choice);
  auto network = of_model(name(), [&] { return make(description_.model, networks_); });
  nn::Parameters& parameters = network->parameters();
  const auto arrays = arrays_under(file_, prefix);
  check_parameters(weights(arrays, prefix), parameters);  // before they take memory
  fill_parameters(weights(arrays, prefix), parameters, parameters.values());
  parameters.touch();
  return network;
}

}  // namespace diffusion
