// Operations that move elements, and reductions.
#include <algorithm>
#include <cassert>
#include <limits>

#include "lib/xla/operations.hpp"

namespace diffusion::xla {
namespace {

[[maybe_unused]] bool is_float(Type type) { return type == Type::f32 || type == Type::bf16; }

[[maybe_unused]] bool each_once(Extents dims, std::size_t rank) {
  std::sort(dims.begin(), dims.end());
  const bool twice = std::adjacent_find(dims.begin(), dims.end()) != dims.end();
  return !twice && (dims.empty() || (dims.front() >= 0 && dims.back() < std::int64_t(rank)));
}

/// Where the reducer starts: joined with it, x stays x.
double neutral(Op reducer) {
  switch (reducer) {
    case Op::maximum:
      return -std::numeric_limits<double>::infinity();
    case Op::minimum:
      return std::numeric_limits<double>::infinity();
    case Op::bit_and:
      return 1;
    default:
      return 0;
  }
}

Value reduce(Value x, Op op, const Extents& dims) {
  assert(each_once(dims, x.dims().size()));
  Shape shape{x.type(), {}};
  for (std::size_t i = 0; i < x.dims().size(); ++i)
    if (std::find(dims.begin(), dims.end(), std::int64_t(i)) == dims.end())
      shape.dims.push_back(x.dims()[i]);
  const Value start = x.program->constant(x.type(), neutral(op));
  return x.program->append({Op::reduce, {x.id, start.id}, Reduction{op, dims}, std::move(shape)});
}

}  // namespace

Value broadcast(Value x, const Extents& dims, const Extents& to) {
  assert(to.size() == x.dims().size() && each_once(to, dims.size()));
  assert(std::is_sorted(to.begin(), to.end()));
  for (std::size_t i = 0; i < to.size(); ++i)
    assert(x.dims()[i] == 1 || x.dims()[i] == dims[std::size_t(to[i])]);
  if (dims == x.dims()) return x;
  return x.program->append({Op::broadcast_in_dim, {x.id}, Dims{to}, {x.type(), dims}});
}

Value reshape(Value x, const Extents& dims) {
  Shape shape{x.type(), dims};
  assert(shape.count() == x.shape().count());
  if (shape == x.shape()) return x;
  return x.program->append({Op::reshape, {x.id}, {}, std::move(shape)});
}

Value transpose(Value x, const Extents& from) {
  assert(from.size() == x.dims().size() && each_once(from, from.size()));
  if (std::is_sorted(from.begin(), from.end())) return x;
  Shape shape{x.type(), {}};
  for (const std::int64_t dim : from) shape.dims.push_back(x.dims()[std::size_t(dim)]);
  return x.program->append({Op::transpose, {x.id}, Dims{from}, std::move(shape)});
}

Value reverse(Value x, const Extents& dims) {
  assert(each_once(dims, x.dims().size()));
  if (dims.empty()) return x;
  return x.program->append({Op::reverse, {x.id}, Dims{dims}, x.shape()});
}

Value slice(Value x, Slice where) {
  const std::size_t rank = x.dims().size();
  if (where.strides.empty()) where.strides.assign(rank, 1);
  assert(where.start.size() == rank && where.limit.size() == rank && where.strides.size() == rank);
  Shape shape{x.type(), {}};
  for (std::size_t i = 0; i < rank; ++i) {
    assert(0 <= where.start[i] && where.start[i] <= where.limit[i]);
    assert(where.limit[i] <= x.dims()[i] && where.strides[i] > 0);
    shape.dims.push_back((where.limit[i] - where.start[i] + where.strides[i] - 1) /
                         where.strides[i]);
  }
  if (shape == x.shape()) return x;
  return x.program->append({Op::slice, {x.id}, std::move(where), std::move(shape)});
}

Value pad(Value x, Padding by) { return pad(x, std::move(by), x.program->constant(x.type(), 0)); }

Value pad(Value x, Padding by, Value with) {
  const std::size_t rank = x.dims().size();
  if (by.interior.empty()) by.interior.assign(rank, 0);
  assert(by.low.size() == rank && by.high.size() == rank && by.interior.size() == rank);
  assert((with.shape() == Shape{x.type(), {}}));
  Shape shape{x.type(), {}};
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t inner =
        x.dims()[i] + std::max<std::int64_t>(x.dims()[i] - 1, 0) * by.interior[i];
    shape.dims.push_back(by.low[i] + inner + by.high[i]);
    assert(by.interior[i] >= 0 && shape.dims.back() >= 0);
  }
  const auto none = [](const Extents& all) {
    return std::all_of(all.begin(), all.end(), [](std::int64_t n) { return n == 0; });
  };
  if (none(by.low) && none(by.high) && none(by.interior)) return x;
  return x.program->append({Op::pad, {x.id, with.id}, std::move(by), std::move(shape)});
}

Value concatenate(std::span<const Value> parts, std::int64_t dim) {
  assert(!parts.empty() && dim >= 0 && dim < std::int64_t(parts[0].dims().size()));
  if (parts.size() == 1) return parts[0];
  Shape shape = parts[0].shape();
  std::vector<int> operands;
  std::int64_t extent = 0;
  for (const Value part : parts) {
    operands.push_back(part.id);
    extent += part.dims()[std::size_t(dim)];
    shape.dims[std::size_t(dim)] = part.dims()[std::size_t(dim)];
    assert(part.shape() == shape);
  }
  shape.dims[std::size_t(dim)] = extent;
  return parts[0].program->append(
      {Op::concatenate, std::move(operands), Dims{{dim}}, std::move(shape)});
}

Value sum(Value x, const Extents& dims) {
  if (dims.empty()) return x;
  if (x.type() != Type::bf16) return reduce(x, Op::add, dims);
  return convert(reduce(convert(x, Type::f32), Op::add, dims), Type::bf16);
}

Value max(Value x, const Extents& dims) {
  assert(is_float(x.type()));
  return reduce(x, Op::maximum, dims);
}

Value min(Value x, const Extents& dims) {
  assert(is_float(x.type()));
  return reduce(x, Op::minimum, dims);
}

Value all(Value pred, const Extents& dims) {
  assert(pred.type() == Type::pred);
  return reduce(pred, Op::bit_and, dims);
}

Value any(Value pred, const Extents& dims) {
  assert(pred.type() == Type::pred);
  return reduce(pred, Op::bit_or, dims);
}

Value reduce_window(Value x, Window window) {
  assert(is_float(x.type()));
  const std::size_t rank = x.dims().size();
  if (window.strides.empty()) window.strides.assign(rank, 1);
  if (window.low.empty()) window.low.assign(rank, 0);
  if (window.high.empty()) window.high.assign(rank, 0);
  assert(window.sizes.size() == rank && window.strides.size() == rank);
  assert(window.low.size() == rank && window.high.size() == rank);
  Shape shape{x.type(), {}};
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t room = window.low[i] + x.dims()[i] + window.high[i] - window.sizes[i];
    assert(room >= 0 && window.sizes[i] > 0 && window.strides[i] > 0);
    shape.dims.push_back(room / window.strides[i] + 1);
  }
  const Value start = x.program->constant(x.type(), neutral(window.op));
  return x.program->append(
      {Op::reduce_window, {x.id, start.id}, std::move(window), std::move(shape)});
}

}  // namespace diffusion::xla
