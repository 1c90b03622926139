const WIDTH = 90;
const HEIGHT = 20;

/** The course of a number, without axes. The text beside it tells the same to a screen reader. */
export function Sparkline({ values, label }: { readonly values: readonly number[]; readonly label: string }) {
  const most = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length);
  const bars = values.map((value, index) => ({ value, x: index * step, height: value === 0 ? 1 : Math.max(2, (value / most) * HEIGHT) }));
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      {bars.map(({ value, x, height }) => (
        <rect key={x} x={x} y={HEIGHT - height} width={Math.max(1, step - 1)} height={height} class={value === 0 ? 'spark-none' : 'spark-some'} />
      ))}
    </svg>
  );
}
