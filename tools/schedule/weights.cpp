#include "tools/schedule/weights.hpp"

#include <vector>

#include "lib/train/loss_weight.hpp"

namespace diffusion::cli {
namespace {

constexpr std::string_view all = "weights", opening = "weight:";

/// The names of single columns that this one stands for.
std::vector<std::string> single_columns(const std::string& column) {
  if (column != all && column.find(':', opening.size()) != column.npos) return {column};
  std::vector<std::string> names;
  for (const PredictionInfo& prediction : predictions())
    for (const LossWeightInfo& weight : loss_weights())
      if (column == all || column.substr(opening.size()) == prediction.name)
        names.push_back(std::string(opening) + std::string(prediction.name) + ":" +
                        std::string(weight.name));
  if (names.empty()) parse_prediction(column.substr(opening.size()));  // says which there are
  return names;
}

struct WeightColumn {
  Prediction prediction;
  LossWeight weight;
};

WeightColumn parsed(const std::string& column) {
  const std::string rest = column.substr(opening.size());
  const auto colon = rest.find(':');
  return {parse_prediction(rest.substr(0, colon)), make_loss_weight(rest.substr(colon + 1))};
}

}  // namespace

bool names_weights(const std::string& column) {
  return column == all || column.starts_with(opening);
}

Table weights_of(const Schedule& schedule, std::span<const int> steps, const std::string& column) {
  Table table{.header = single_columns(column), .rows = {}};
  table.rows.resize(steps.size());
  for (const std::string& name : table.header) {
    const auto [prediction, weight] = parsed(name);
    for (std::size_t i = 0; i < steps.size(); ++i)
      table.rows[i].push_back(weight(prediction, schedule.at(steps[i])));
  }
  return table;
}

}  // namespace diffusion::cli
