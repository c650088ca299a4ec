#include "lib/models/network.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/instruction_set.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/registry.hpp"
#include "lib/base/text.hpp"
#include "lib/models/diffusers_transformer.hpp"
#include "lib/models/graph_network.hpp"
#include "lib/models/mlp.hpp"
#include "lib/models/transformer.hpp"
#include "lib/models/unet.hpp"
#include "lib/nn/onednn/convolution.hpp"

namespace diffusion {

void Network::compute_in(nn::DType type) {
  if (!nn::onednn::has_products_of(type))
    throw Error("precision bf16: " + no_avx512() + ", which bf16 takes; use float32");
  type_ = type;
}

std::span<const NetworkInfo> networks() {
  static const NetworkInfo rows[] = {unet_network(), dit_network(), jit_network(),
                                     diffusers_dit_network(), mlp_network()};
  return rows;
}

const NetworkInfo* find_network(const Json& config, NetworkRows rows) {
  const JsonAt at(config, "model config");
  if (!at.object().contains("_class_name")) return &rows.front();
  const JsonAt name = at["_class_name"];
  const auto named = [&](const NetworkInfo& each) { return name.json() == each.name; };
  const auto row = std::ranges::find_if(rows, named);
  return row == rows.end() ? nullptr : &*row;
}

const NetworkInfo& network_row(const Json& config, NetworkRows rows) {
  if (const NetworkInfo* const row = find_network(config, rows)) return *row;
  const std::string name = JsonAt(config, "model config")["_class_name"].text();
  std::vector<std::string> known;
  for (const NetworkInfo& each : rows) known.emplace_back(each.name);
  throw Error("model config: no network '" + name + "' (has: " + join(known, ", ") + ")");
}

namespace {

ParamValue as_parameter(const Json& value, const std::string& key) {
  const JsonAt at(value, key);
  if (value.is_number_integer()) return at.whole(-JsonAt::most_whole);
  if (value.is_number()) return at.number();
  return value.is_string() ? at.text() : one_line(value);
}

}  // namespace

std::vector<Parameter> network_parameters(const NetworkInfo& row) {
  const Json defaults = Json::parse(row.defaults);
  std::vector<Parameter> parameters;
  for (const auto& [key, value] : defaults.items())
    parameters.push_back({key, as_parameter(value, key)});
  for (const std::string& key : row.keys())
    if (!defaults.contains(key)) parameters.push_back({key});
  return parameters;
}

const NetworkInfo& usual_network(NetworkData data, NetworkRows rows) {
  return *std::ranges::find(rows, data, &NetworkInfo::takes);
}

Json default_network(const NetworkInfo& row) {
  Json config = {{"_class_name", row.name}};
  config.update(Json::parse(row.defaults));
  return config;
}

Json named_network(const std::string& name, NetworkRows rows) {
  const std::string wanted = comparable_name(name);
  std::vector<std::string> known;
  for (const NetworkInfo& row : rows) {
    Json config = default_network(row);
    known.emplace_back(row.name);
    if (comparable_name(row.name) == wanted) return config;
    for (const NetworkPreset& preset : row.presets) {
      known.emplace_back(preset.name);
      if (preset.name != wanted) continue;
      config.update(Json::parse(preset.settings));
      return config;
    }
  }
  throw Error("no network '" + name + "' (has: " + join(known, ", ") + ")");
}

Json of_other_network(const Json& config, const Json& name, NetworkRows rows) {
  Json other = named_network(JsonAt(name, "model config", "_class_name").text(), rows);
  const Json before = default_network(network_row(config, rows));
  if (before == other) {
    other = config;
    other["_class_name"] = before["_class_name"];
    return other;
  }
  for (const auto& [key, value] : config.items())
    if (!before.contains(key) || (key != "_class_name" && before[key] != value)) other[key] = value;
  return other;
}

Json without_keys(Json config, std::span<const std::string_view> keys) {
  for (const std::string_view key : keys) config.erase(std::string(key));
  return config;
}

std::unique_ptr<Network> make_network(const Json& config, std::uint64_t seed, NetworkRows rows) {
  auto network = make_blank_network(config, rows);
  initialise(network->parameters(), seed, network_row(config, rows).initial);
  return network;
}

std::unique_ptr<Network> make_blank_network(const Json& config, NetworkRows rows) {
  return std::make_unique<GraphNetwork>(config, network_row(config, rows).graph(config));
}

}  // namespace diffusion
