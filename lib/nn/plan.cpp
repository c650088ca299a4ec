#include "lib/nn/plan.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/nn/cuts.hpp"

namespace diffusion::nn {
namespace {

class Planner {
 public:
  explicit Planner(const Graph& graph) : graph_(graph), uses_(graph.nodes().size()) {
    for (const Node& node : graph.nodes())
      for (const Value input : node.inputs) ++uses_[input.node];
  }

  std::vector<Step> steps() const {
    std::vector<Step> steps;
    for (std::size_t i = 0; i < uses_.size(); ++i)
      if (!goes_onto_another(i)) steps.push_back(step(i));
    mark_what_is_done_with(steps);
    mark_what_derivatives_need(steps);
    mark_parts(steps);
    return steps;
  }

 private:
  const Layer& layer(std::size_t value) const { return graph_.nodes()[value].layer; }
  template <class L>
  bool is(std::size_t value) const {
    return std::holds_alternative<L>(layer(value));
  }

  /// Whether one step alone takes it, in a buffer that nobody else keeps: attention keeps its
  /// result for the way back, conversions and dropout may hand their input on.
  bool may_be_written_over(std::size_t value) const {
    return uses_[value] == 1 && !is<layers::Images>(value) && !is<layers::Attention>(value) &&
           !is<layers::Conversion>(value) && !is<layers::Dropout>(value);
  }

  /// Of a sum: the convolution that adds to the other summand, which of the two it is.
  std::optional<std::size_t> adding_convolution(const Node& sum) const {
    const std::size_t first = sum.inputs[0].node, second = sum.inputs[1].node;
    const bool adds = is<layers::Convolution>(second) && uses_[second] == 1 && second > first &&
                      may_be_written_over(first);
    return adds ? std::optional(second) : std::nullopt;
  }

  bool goes_onto_another(std::size_t value) const {
    if (!is<layers::Convolution>(value)) return false;
    return std::ranges::any_of(graph_.nodes(), [&](const Node& node) {
      return std::holds_alternative<layers::Sum>(node.layer) && adding_convolution(node) == value;
    });
  }

  Step step(std::size_t value) const {
    const Node& node = graph_.nodes()[value];
    Step step{.layer = &node.layer, .value = value, .inputs = {}};
    for (const Value input : node.inputs) step.inputs.push_back(input.node);
    if (is<layers::Sum>(value)) {
      if (const auto convolution = adding_convolution(node)) {
        step.layer = &layer(*convolution);
        step.inputs[1] = graph_.nodes()[*convolution].inputs[0].node;
        step.form = Step::Form::onto_first;
      } else if (may_be_written_over(step.inputs[0])) {
        step.form = Step::Form::over_first;
      } else if (may_be_written_over(step.inputs[1])) {
        step.form = Step::Form::over_second;
      }
    } else if (is<layers::Dropout>(value) && may_be_written_over(step.inputs[0])) {
      step.form = Step::Form::over_first;
    }
    return step;
  }

  void mark_what_is_done_with(std::vector<Step>& steps) const {
    std::vector<bool> taken(uses_.size());
    for (std::size_t i = steps.size(); i-- > 0;)
      for (const std::size_t input : steps[i].inputs)
        if (!taken[input]) {
          taken[input] = true;
          steps[i].done.push_back(input);
        }
  }

  void mark_what_derivatives_need(std::vector<Step>& steps) const {
    std::vector<const Step*> makers(uses_.size());
    for (Step& step : steps) {
      step.learns = !weights_of(*step.layer).empty();
      step.sees_images = std::holds_alternative<layers::Images>(*step.layer);
      for (const std::size_t input : step.inputs) {
        step.learns = step.learns || makers[input]->learns;
        step.sees_images = step.sees_images || makers[input]->sees_images;
      }
      makers[step.value] = &step;
    }
  }

  void mark_parts(std::vector<Step>& steps) const {
    const std::vector<std::size_t> parts = parts_of(graph_);
    std::vector<Step*> makers(uses_.size());
    std::size_t part = 0, before = 0;
    for (Step& step : steps) {
      if (parts[step.value] != std::exchange(before, parts[step.value])) ++part;
      step.part = part;
      makers[step.value] = &step;
      for (const std::size_t input : step.inputs)
        makers[input]->outlives |= makers[input]->part != step.part;
      if (step.form != Step::Form::plain) {
        const std::size_t over = step.form == Step::Form::over_second ? 1 : 0;
        step.spares = makers[step.inputs[over]]->part != step.part;
      }
    }
  }

  const Graph& graph_;
  std::vector<std::size_t> uses_;
};

}  // namespace

std::vector<Step> plan(const Graph& graph) { return Planner(graph).steps(); }

}  // namespace diffusion::nn
