"""Golden values of recurrent layers: tests/golden/recurrent.safetensors, read by tests/test_recurrent.c.

Run with PyTorch and safetensors. Parameters, inputs and the gradients of the outputs are drawn from a
seed on both sides, so the initial values are tested too. Of each parameter's gradient one number is
kept, its sum weighted by cosines."""
import os

import torch
from safetensors.torch import save_file
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
out = {}


def digest(t):
    return (t.flatten() * torch.arange(t.numel(), dtype=t.dtype).cos()).sum()


def keep(name, module, outputs, inputs):
    loss = sum((t * torch.randn(t.shape)).sum() for t in outputs)
    loss.backward()
    for i, t in enumerate(outputs):
        out[f"{name}.out{i}"] = t.detach().clone().contiguous()
    for i, t in enumerate(inputs):
        out[f"{name}.d{i}"] = t.grad.clone().contiguous()
    out[f"{name}.parameters"] = torch.stack([digest(p.grad) for p in module.parameters()])


def layer(name, make, shape, states=None, lengths=None):
    torch.manual_seed(5)
    module = make()
    x = torch.randn(*shape, requires_grad=True)
    inputs = [x]
    if states:
        inputs += [torch.randn(*s, requires_grad=True) for s in states]
    state = inputs[1:] if len(inputs) > 2 else inputs[1] if len(inputs) > 1 else None
    batch_first = getattr(module, "batch_first", False)
    given = x
    if lengths:
        given = nn.utils.rnn.pack_padded_sequence(
            x, torch.tensor(lengths), batch_first=batch_first, enforce_sorted=False)
    y = module(given, *([state] if state is not None else []))
    if torch.is_tensor(y):
        outputs = [y]
    elif isinstance(module, nn.LSTMCell):
        outputs = list(y)
    else:
        outputs = [y[0], *(y[1] if isinstance(y[1], tuple) else [y[1]])]
    if lengths:
        outputs[0] = nn.utils.rnn.pad_packed_sequence(
            outputs[0], batch_first=batch_first, total_length=shape[1 if batch_first else 0])[0]
    keep(name, module, outputs, inputs)


layer("rnn", lambda: nn.RNN(3, 4), (3, 2, 3))
layer("rnn_relu", lambda: nn.RNN(3, 4, 2, nonlinearity="relu", bidirectional=True), (3, 2, 3),
      [(4, 2, 4)], [2, 3])
layer("lstm", lambda: nn.LSTM(3, 4), (3, 2, 3))
layer("lstm_state", lambda: nn.LSTM(3, 4, 2, batch_first=True, bidirectional=True), (2, 3, 3),
      [(4, 2, 4), (4, 2, 4)])
layer("lstm_lengths", lambda: nn.LSTM(3, 4, 2, batch_first=True, bidirectional=True), (3, 4, 3),
      [(4, 3, 4), (4, 3, 4)], [2, 4, 1])
layer("lstm_proj", lambda: nn.LSTM(3, 4, 2, bidirectional=True, proj_size=2, bias=False), (3, 2, 3),
      [(4, 2, 2), (4, 2, 4)])
layer("lstm_dropout", lambda: nn.LSTM(3, 4, 3, dropout=0.5), (3, 2, 3))
layer("lstm_unbatched", lambda: nn.LSTM(3, 4, batch_first=True), (3, 3), [(1, 4), (1, 4)])
layer("gru", lambda: nn.GRU(3, 4, 2, bidirectional=True), (3, 2, 3), [(4, 2, 4)])
layer("gru_lengths", lambda: nn.GRU(3, 4, bias=False), (3, 2, 3), None, [1, 3])
layer("gru_unbatched", lambda: nn.GRU(3, 4), (3, 3), [(1, 4)])
layer("rnn_cell", lambda: nn.RNNCell(3, 4, nonlinearity="relu"), (2, 3), [(2, 4)])
layer("lstm_cell", lambda: nn.LSTMCell(3, 4), (2, 3), [(2, 4), (2, 4)])
layer("gru_cell", lambda: nn.GRUCell(3, 4, bias=False), (3,))


def attended(name, make, shapes, call=lambda m, *x: m(*x)):
    """Attention and layers of transformers: outputs, and a number for each gradient."""
    torch.manual_seed(6)
    module = make()
    inputs = [torch.randn(*s, requires_grad=True) for s in shapes]
    y = call(module, *inputs)
    outputs = [t for t in (y if isinstance(y, tuple) else [y]) if t is not None]
    sum((t * torch.randn(t.shape)).sum() for t in outputs).backward()
    for i, t in enumerate(outputs):
        out[f"{name}.out{i}"] = t.detach().clone().contiguous()
    out[f"{name}.gradients"] = torch.stack(
        [digest(t.grad) for t in [*inputs, *module.parameters()]])


padding = torch.tensor([[False, False, True], [False, False, False]])
causal = torch.ones(2, 3).triu(1).bool()
added = torch.arange(6.0).view(2, 3) / 4
MHA = nn.MultiheadAttention
attended("attention", lambda: MHA(4, 2), [(2, 2, 4), (3, 2, 4), (3, 2, 4)])
attended("attention_self", lambda: MHA(4, 2, bias=False, batch_first=True), [(2, 3, 4)],
         lambda m, x: m(x, x, x, key_padding_mask=padding, need_weights=False))
attended("attention_sizes", lambda: MHA(4, 2, kdim=3, vdim=2, add_bias_kv=True, add_zero_attn=True),
         [(2, 2, 4), (3, 2, 3), (3, 2, 2)],
         lambda m, q, k, v: m(q, k, v, key_padding_mask=padding, attn_mask=causal,
                              average_attn_weights=False))
attended("attention_added", lambda: MHA(4, 2), [(2, 4), (3, 4), (3, 4)],
         lambda m, q, k, v: m(q, k, v, attn_mask=added))
attended("attention_dropout", lambda: MHA(4, 2, dropout=0.5), [(2, 2, 4), (3, 2, 4), (3, 2, 4)])
E_LAYER, D_LAYER = nn.TransformerEncoderLayer, nn.TransformerDecoderLayer
attended("encoder", lambda: E_LAYER(4, 2, 5), [(3, 2, 4)])
attended("encoder_first", lambda: E_LAYER(4, 2, 5, dropout=0.0, activation="gelu", batch_first=True,
                                          norm_first=True, bias=False, layer_norm_eps=0.1),
         [(2, 3, 4)], lambda m, x: m(x, src_key_padding_mask=padding))
attended("decoder", lambda: D_LAYER(4, 2, 5, dropout=0.25), [(2, 2, 4), (3, 2, 4)],
         lambda m, x, y: m(x, y, memory_mask=causal, memory_key_padding_mask=padding))
bool_causal = torch.ones(3, 3).triu(1).bool()
attended("attention_causal", lambda: MHA(4, 2), [(3, 2, 4)],
         lambda m, x: m(x, x, x, attn_mask=bool_causal, is_causal=True, need_weights=False))
attended("encoder_stack",
         lambda: nn.TransformerEncoder(E_LAYER(4, 2, 5, batch_first=True), 2, nn.LayerNorm(4)),
         [(2, 3, 4)], lambda m, x: m(x, bool_causal, padding, is_causal=True))
attended("decoder_stack", lambda: nn.TransformerDecoder(D_LAYER(4, 2, 5, dropout=0.0), 2),
         [(3, 2, 4), (3, 2, 4)],
         lambda m, x, y: m(x, y, tgt_mask=bool_causal, memory_key_padding_mask=padding,
                           tgt_is_causal=True))
save_file(out, os.path.join(HERE, "recurrent.safetensors"))
