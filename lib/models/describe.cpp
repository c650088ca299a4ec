#include "lib/models/describe.hpp"

#include "lib/base/text.hpp"
#include "lib/models/diffusers_folder.hpp"

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
  for (const double width : file.power_widths()) names.push_back("power:" + shortest(width));
  names.emplace_back("raw");
  return names;
}

std::size_t weight_count(const ModelFile& file) {
  std::size_t count = 0;
  for (const SafetensorsEntry& entry : file.file().entries())
    if (entry.name.find('/') == std::string::npos) count += entry.count();
  return count;
}

/// Of one image as the network was trained on.
nn::Dims image_of(const Described& model) {
  const Json& config = model.about.model;
  const NetworkImages images = network_row(config).images(config);
  const auto sides = JsonAt(model.about.data, "data")["size"].array();
  const auto side = [&](std::size_t i) { return std::int64_t(sides[i].whole(1)); };
  return {1, side(0), side(1), std::int64_t(images.channels)};
}

std::uint64_t weights_in(const nn::Layer& layer) {
  std::uint64_t all = 0;
  for (const nn::WeightShape& weight : nn::weights_of(layer)) all += weight.count();
  return all;
}

struct LayerLine {
  std::string kind, name;
  std::vector<std::size_t> from;
  nn::Dims output;
  std::uint64_t weights, products;
};

std::vector<LayerLine> layers_of(const Described& model) {
  const nn::Graph graph = network_row(model.about.model).graph(model.about.model);
  const std::vector<nn::Dims> sizes = graph.sizes(image_of(model));
  std::vector<LayerLine> lines;
  for (const nn::Node& node : graph.nodes()) {
    const nn::Dims output = sizes[lines.size()];
    std::vector<std::size_t> from;
    std::vector<nn::Dims> inputs;
    for (const nn::Value input : node.inputs) {
      from.push_back(input.node);
      inputs.push_back(sizes[input.node]);
    }
    const double products = nn::products_of(node.layer, inputs, output);
    lines.push_back({std::string(nn::kind_of(node.layer)), nn::name_of(node.layer), from, output,
                     weights_in(node.layer), std::uint64_t(products)});
  }
  return lines;
}

}  // namespace

Json layers_to_json(const Described& model) {
  Json layers = Json::array();
  for (const LayerLine& line : layers_of(model))
    layers.push_back({{"layer", layers.size()},
                      {"kind", line.kind},
                      {"name", line.name},
                      {"from", line.from},
                      {"output", {line.output.h, line.output.w, line.output.c}},
                      {"weights", line.weights},
                      {"products", line.products}});
  return layers;
}

std::string layers_to_text(const Described& model) {
  std::string out = "layer\tkind\tname\tfrom\toutput\tweights\tproducts\n";
  std::uint64_t weights = 0, products = 0;
  std::size_t number = 0;
  for (const LayerLine& line : layers_of(model)) {
    const auto [n, h, w, c] = line.output;
    const std::string cells[] = {std::to_string(number++),
                                 line.kind,
                                 line.name,
                                 text_of(line.from),
                                 text_of(Json::array({h, w, c})),
                                 std::to_string(line.weights),
                                 std::to_string(line.products)};
    out += join(cells, "\t") + "\n";
    weights += line.weights;
    products += line.products;
  }
  return out + "sum\t\t\t\t\t" + std::to_string(weights) + "\t" + std::to_string(products) + "\n";
}

Described described(const ModelFile& file) {
  Json arrays = Json::array();
  for (const SafetensorsEntry& entry : file.file().entries())
    arrays.push_back(
        {{"name", entry.name}, {"dtype", name_of(entry.type)}, {"shape", entry.shape}});
  return {file.description(), weight_count(file), choices(file), std::move(arrays)};
}

Described described_folder(const std::string& path) {
  Described folder{
      .about = describe_diffusers_folder(path), .choices = {}, .arrays = Json::array()};
  for (const WeightTensor& tensor : weights_of_diffusers_folder(path)) {
    folder.arrays.push_back({{"name", tensor.name}, {"shape", tensor.shape}});
    folder.weights += tensor.count();
  }
  return folder;
}

namespace {

Json weights_to_json(const Described& model) {
  Json weights = {{"count", model.weights}};
  if (!model.choices.empty()) weights["choices"] = model.choices;
  return weights;
}

}  // namespace

Json model_to_json(const Described& model) {
  return {{"weights", weights_to_json(model)},
          {"model", model.about.model},
          {"schedule", model.about.schedule},
          {"objective", model.about.objective},
          {"data", model.about.data},
          {"training", model.about.training},
          {"arrays", model.arrays}};
}

std::string model_to_text(const Described& model) {
  const ModelDescription& about = model.about;
  std::string out;
  add_lines(out, "weights", weights_to_json(model));
  add_lines(out, "model", about.model);
  add_lines(out, "schedule", short_schedule(about.schedule));
  add_lines(out, "objective", about.objective);
  add_lines(out, "data", about.data);
  Json training = about.training;
  training.erase("config");
  add_lines(out, "training", training);
  if (const auto config = JsonAt(about.training, "training").find("config"))
    if (const auto train = config->find("train")) add_lines(out, "train", train->json());
  return out;
}

}  // namespace diffusion
