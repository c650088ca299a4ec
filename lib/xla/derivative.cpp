#include "lib/xla/derivative.hpp"

#include <algorithm>
#include <cassert>

#include "lib/xla/derivative_step.hpp"

namespace diffusion::xla {
namespace {

bool is_float(Type type) { return type == Type::f32 || type == Type::bf16; }

Value unbroadcast(const Step& step) {
  Extents summed = others(step.dims(), step.g.dims().size());
  for (std::size_t i = 0; i < step.dims().size(); ++i)
    if (step.x(0).dims()[i] == 1) summed.push_back(step.dims()[i]);
  std::sort(summed.begin(), summed.end());
  return reshape(sum(step.g, summed), step.x(0).dims());
}

Value unslice(const Step& step) {
  const auto& slice = std::get<Slice>(step.of.attributes);
  Padding by{slice.start, {}, {}};
  for (std::size_t i = 0; i < slice.start.size(); ++i) {
    const std::int64_t n = step.g.dims()[i];
    const std::int64_t end =
        n == 0 ? slice.start[i] : slice.start[i] + (n - 1) * slice.strides[i] + 1;
    by.high.push_back(step.x(0).dims()[i] - end);
    by.interior.push_back(slice.strides[i] - 1);
  }
  return pad(step.g, by);
}

Value unpad(const Step& step) {
  if (step.k == 1) refuse(step);
  const auto& padding = std::get<Padding>(step.of.attributes);
  Padding back;
  Slice where;
  for (std::size_t i = 0; i < padding.low.size(); ++i) {
    back.low.push_back(-padding.low[i]);
    back.high.push_back(-padding.high[i]);
    where.strides.push_back(padding.interior[i] + 1);
  }
  const Value inner = pad(step.g, back);
  where.start.assign(padding.low.size(), 0);
  where.limit = inner.dims();
  return slice(inner, where);
}

Value part(const Step& step) {
  const auto dim = std::size_t(step.dims()[0]);
  Slice where{Extents(step.g.dims().size(), 0), step.g.dims()};
  for (std::size_t j = 0; j < step.k; ++j) where.start[dim] += step.x(j).dims()[dim];
  where.limit[dim] = where.start[dim] + step.x(step.k).dims()[dim];
  return slice(step.g, where);
}

Value unreduce(const Step& step) {
  const auto& reduction = std::get<Reduction>(step.of.attributes);
  if (reduction.op != Op::add || step.k == 1) refuse(step);
  const Extents dims = step.x(0).dims();
  return broadcast(step.g, dims, others(reduction.dims, dims.size()));
}

/// g where operand k is the one that was taken: the first, if both are the same.
Value where_taken(const Step& step) {
  const Comparison wins = step.of.op == Op::maximum ? Comparison::ge : Comparison::le;
  const Value first = compare(step.x(0), wins, step.x(1)), none = filled_like(step.g, 0);
  return step.k == 0 ? select(first, step.g, none) : select(first, none, step.g);
}

Value derivative(const Step& step) {
  const Value g = step.g;
  const auto x = [&](std::size_t operand) { return step.x(operand); };
  switch (step.of.op) {
    case Op::negate:
      return -g;
    case Op::abs:
      return g * sign(x(0));
    case Op::exponential:
      return g * step.y();
    case Op::log:
      return g / x(0);
    case Op::sqrt:
      return g * 0.5 / step.y();
    case Op::rsqrt:
      return g * -0.5 * (step.y() / x(0));
    case Op::sine:
      return g * cos(x(0));
    case Op::cosine:
      return -(g * sin(x(0)));
    case Op::tanh:
      return g * (1 - step.y() * step.y());
    case Op::logistic:
      return g * (step.y() * (1 - step.y()));
    case Op::add:
      return g;
    case Op::subtract:
      return step.k == 0 ? g : -g;
    case Op::multiply:
      return g * x(1 - step.k);
    case Op::divide:
      return step.k == 0 ? g / x(1) : -(g * step.y() / x(1));
    case Op::maximum:
    case Op::minimum:
      return where_taken(step);
    case Op::select:
      return step.k == 1 ? select(x(0), g, filled_like(g, 0)) : select(x(0), filled_like(g, 0), g);
    case Op::convert:
      return convert(g, x(0).type());
    case Op::broadcast_in_dim:
      return unbroadcast(step);
    case Op::reshape:
      return reshape(g, x(0).dims());
    case Op::transpose:
      return transpose(g, inverse(step.dims()));
    case Op::reverse:
      return reverse(g, step.dims());
    case Op::slice:
      return unslice(step);
    case Op::pad:
      return unpad(step);
    case Op::concatenate:
      return part(step);
    case Op::reduce:
      return unreduce(step);
    case Op::dot_general:
      return dot_derivative(step);
    case Op::convolution:
      return step.k == 0 ? input_derivative(step) : kernel_derivative(step);
    case Op::all_reduce:
      return all_reduce(g);
    case Op::given_derivative:
      return g * x(2);
    case Op::reduce_window:
      refuse(step);
    case Op::parameter:  // these have no operands,
    case Op::constant:
    case Op::iota:
    case Op::replica_id:
    case Op::sign:  // or are flat,
    case Op::is_finite:
    case Op::bit_not:
    case Op::bit_and:  // or no floats
    case Op::bit_or:
    case Op::bit_xor:
    case Op::shift_left:
    case Op::shift_right_logical:
    case Op::compare:
      break;
  }
  refuse(step);
}

/// Whether a derivative goes through to operand k at all.
bool passes(const Instruction& of, std::size_t k) {
  switch (of.op) {
    case Op::sign:
      return false;
    case Op::given_derivative:
      return k == 1;
    case Op::select:
      return k != 0;
    default:
      return is_float(of.shape.type);
  }
}

/// Which instructions lead back to what is asked for.
std::vector<bool> leading(const Program& program, const std::vector<int>& order,
                          std::span<const Value> asked) {
  std::vector<bool> leads(std::size_t(program.size()));
  for (const Value value : asked) leads[std::size_t(value.id)] = true;
  for (const int id : order) {
    const Instruction& of = program.at(id);
    for (std::size_t k = 0; k < of.operands.size(); ++k)
      if (leads[std::size_t(of.operands[k])] && passes(of, k)) leads[std::size_t(id)] = true;
  }
  return leads;
}

}  // namespace

std::vector<Value> gradients(Program& program, std::span<const Seed> outputs,
                             std::span<const Value> with_respect_to) {
  std::vector<int> roots;
  for (const Seed& seed : outputs) roots.push_back(seed.value.id);
  const std::vector<int> order = in_order(program, roots);
  const std::vector<bool> leads = leading(program, order, with_respect_to);

  std::vector<Value> cotangents(leads.size());
  const auto add = [&](int id, Value more) {
    assert(more.shape() == program.at(id).shape);
    Value& so_far = cotangents[std::size_t(id)];
    so_far = so_far.program ? so_far + more : more;
  };
  for (const Seed& seed : outputs) add(seed.value.id, seed.cotangent);
  for (auto id = order.rbegin(); id != order.rend(); ++id) {
    const Value g = cotangents[std::size_t(*id)];
    if (!g.program || !leads[std::size_t(*id)]) continue;
    const Instruction& of = program.at(*id);
    for (std::size_t k = 0; k < of.operands.size(); ++k)
      if (leads[std::size_t(of.operands[k])] && passes(of, k))
        add(of.operands[k], derivative({program, of, *id, g, k}));
  }

  std::vector<Value> all;
  for (const Value value : with_respect_to) {
    const Value g = cotangents[std::size_t(value.id)];
    all.push_back(g.program ? g : filled_like(value, 0));
  }
  return all;
}

}  // namespace diffusion::xla
