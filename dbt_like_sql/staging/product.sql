-- Products with the path of their families. One row per product.
--
-- Deleted products stay: old events and cases go on naming them.
--
-- rule: product (reference: event-log-semantics 2.19)
-- unique: product_id

with recursive node as (
    select
        try_cast(p.productid as uuid) as product_id,
        p.name as path,
        1 as depth
    from raw.product as p
    left join raw.product as f
        on p._parentproductid_value = f.productid
    where f.productid is null
    union all
    select
        try_cast(p.productid as uuid) as product_id,
        n.path || ' / ' || p.name as path,
        n.depth + 1 as depth
    from raw.product as p
    inner join node as n
        on try_cast(p._parentproductid_value as uuid) = n.product_id
    where n.depth < 32
)

select
    try_cast(p.productid as uuid) as product_id,
    p.name as product_name,
    p.productnumber as product_number,
    coalesce(n.path, p.name) as family_path
from raw.product as p
left join node as n
    on try_cast(p.productid as uuid) = n.product_id
